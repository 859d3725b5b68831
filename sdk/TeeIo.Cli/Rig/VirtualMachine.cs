using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace TeeIo.Cli.Rig;

/// <summary>A small x86-64 machine under QEMU, emulated in software, with the rig's kernel, an IOMMU (VT-d) and an edu device behind it that vfio-pci holds. It sees the files of this machine, runs one
/// command on them and is gone.</summary>
internal sealed partial class VirtualMachine(VirtualMachineOptions options)
{
    private const string Qemu = "qemu-system-x86_64";
    private const string Busybox = "/bin/busybox";
    private const long DiskSize = 64 << 20;

    /// <summary>Boots it, runs the command and switches off. Standard input and output are the command's.</summary>
    /// <returns>The command's exit code.</returns>
    /// <exception cref="RigException">Something is missing here, the machine ended before the command did, or the time is over.</exception>
    public int Run()
    {
        string kernel = KernelImage.Find();
        if (!File.Exists(Busybox)) throw new RigException($"{Busybox} is missing, the guest's first programs. bash {KernelImage.Script("rig.sh")} installs it.");
        DirectoryInfo folder = Directory.CreateTempSubdirectory("teeio-vm-");
        try
        {
            string log = options.Log ?? Path.Combine(folder.FullName, "console.log");
            string image = Path.Combine(folder.FullName, "initrd");
            WriteInitialFileSystem(image);
            using Process process = Start(kernel, image, log, folder.FullName);
            bool isInTime = process.WaitForExit(options.Timeout);
            if (!isInTime) process.Kill(entireProcessTree: true);
            process.WaitForExit();
            string console = File.Exists(log) ? File.ReadAllText(log) : "";
            if (Exit().Match(console) is { Success: true } exit) return int.Parse(exit.Groups[1].Value, CultureInfo.InvariantCulture);
            string why = isInTime ? "the machine ended before its command did" : $"the machine was switched off after {options.Timeout.TotalSeconds:0} s";
            throw new RigException($"{why}. Its console said:\n{Tail(console)}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RigException($"the machine's files can't be written or read: {e.Message}");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private Process Start(string kernel, string image, string log, string folder)
    {
        var start = new ProcessStartInfo(Qemu) { UseShellExecute = false };
        foreach (string argument in Arguments(kernel, image, log, folder)) start.ArgumentList.Add(argument);
        try
        {
            return Process.Start(start) ?? throw new RigException($"{Qemu} doesn't start.");
        }
        catch (Win32Exception e)
        {
            throw new RigException($"{Qemu} can't be started ({e.Message}). bash {KernelImage.Script("rig.sh")} installs it.");
        }
    }

    private List<string> Arguments(string kernel, string image, string log, string folder)
    {
        List<string> arguments =
        [
            "-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "1", "-m", $"{options.Memory}M", "-machine", "q35,kernel-irqchip=split", "-nodefaults", "-no-user-config",
            "-display", "none", "-vga", "none", "-monitor", "none", "-no-reboot",
            "-chardev", $"file,id=log,path={Escape(log)}", "-serial", "chardev:log", "-chardev", "stdio,id=terminal,signal=off", "-serial", "chardev:terminal",
            "-device", "intel-iommu,intremap=on,aw-bits=48", "-device", "edu",
        ];
        Share(arguments, "host", "/", isWritable: false);
        for (int i = 0; i < options.Writable.Count; i++) Share(arguments, $"share{i}", Path.GetFullPath(options.Writable[i]), isWritable: true);
        for (int i = 0; i < options.Devices.Count; i++)
        {
            if (options.Devices[i] != "nvme")
            {
                arguments.AddRange(["-device", options.Devices[i]]);
                continue;
            }

            string disk = Path.Combine(folder, $"disk{i}");
            using (FileStream file = File.Create(disk)) file.SetLength(DiskSize);
            arguments.AddRange(["-drive", $"if=none,id=disk{i},format=raw,file={Escape(disk)}", "-device", $"nvme,serial=teeio{i},drive=disk{i}"]);
        }

        arguments.AddRange(["-kernel", kernel, "-initrd", image, "-append", $"console=ttyS0 loglevel=5 panic=-1 rdinit=/init tsc=unstable {options.Append}"]);
        return arguments;
    }

    private static void Share(List<string> arguments, string tag, string path, bool isWritable) => arguments.AddRange(
    [
        "-fsdev", $"local,id={tag},path={Escape(path)},security_model=none,multidevs=remap{(isWritable ? "" : ",readonly=on")}", "-device", $"virtio-9p-pci,fsdev={tag},mount_tag={tag}",
    ]);

    private void WriteInitialFileSystem(string path)
    {
        using FileStream file = File.Create(path);
        using var files = new InitialFileSystem(file);
        files.AddFolder("bin");
        files.AddFolder("dev");
        files.AddProgram("bin/busybox", File.ReadAllBytes(Busybox));
        files.AddProgram("init", File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Rig", "init")));
        files.AddProgram("shares", Encoding.UTF8.GetBytes(string.Concat(options.Writable.Select((folder, i) => $"share share{i} {Quote("/host" + Path.GetFullPath(folder))} rw mmap\n"))));
        files.AddProgram("command", Encoding.UTF8.GetBytes(Script()));
    }

    private string Script() => $"""
        export HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin TMPDIR=/tmp DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
        cd {Quote(Environment.CurrentDirectory)} 2>/dev/null || cd /
        exec {(options.Command.Count > 0 ? string.Join(' ', options.Command.Select(Quote)) : "/bin/sh -i")} </dev/ttyS1

        """;

    private static string Quote(string text) => $"'{text.Replace("'", @"'\''", StringComparison.Ordinal)}'";

    /// <summary>A comma in a value of QEMU's options is written twice.</summary>
    private static string Escape(string value) => value.Replace(",", ",,", StringComparison.Ordinal);

    private static string Tail(string console) => string.Join('\n', console.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n').TakeLast(40));

    [GeneratedRegex(@"^teeio-rig: exit (\d+)", RegexOptions.Multiline)]
    private static partial Regex Exit();
}
