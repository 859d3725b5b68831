using System.CommandLine;
using TeeIo.Cli.Rig;

namespace TeeIo.Cli;

/// <summary><c>teeio vm</c>: runs a command on a real Linux 7.3 with IOMMUFD, VFIO, KVM and an edu device, in a small virtual machine.</summary>
internal static class VmCommand
{
    public static Command Create()
    {
        var words = new Argument<string[]>("command") { Description = "The command and its arguments, after --; none for a shell", Arity = ArgumentArity.ZeroOrMore };
        var share = new Option<string[]>("--share") { Description = "A folder that the guest may write to; all else of this machine it can read" };
        var device = new Option<string[]>("--device") { Description = "A further device: nvme (with an empty disk), or as QEMU's -device takes it" };
        var memory = new Option<int>("--memory") { Description = "Memory in MiB", DefaultValueFactory = _ => new VirtualMachineOptions().Memory };
        var timeout = new Option<int>("--timeout") { Description = "Seconds after which the machine is switched off", DefaultValueFactory = _ => (int)new VirtualMachineOptions().Timeout.TotalSeconds };
        var log = new Option<string?>("--log") { Description = "File for the kernel's messages" };
        var append = new Option<string>("--append") { Description = "What is added to the kernel's command line", DefaultValueFactory = _ => "" };
        var command = new Command("vm", "Boots a real Linux 7.3 with IOMMUFD (and its test mock), VFIO, KVM and an edu device on vfio-pci in QEMU, and runs a command in it, with the files of this machine. Exit code: the command's.")
        {
            words, share, device, memory, timeout, log, append,
        };
        command.SetAction(parsed => Run(new VirtualMachineOptions
        {
            Command = parsed.GetValue(words) ?? [],
            Writable = parsed.GetValue(share) ?? [],
            Devices = parsed.GetValue(device) ?? [],
            Memory = parsed.GetValue(memory),
            Timeout = TimeSpan.FromSeconds(parsed.GetValue(timeout)),
            Log = parsed.GetValue(log),
            Append = parsed.GetValue(append)!,
        }));
        return command;
    }

    private static int Run(VirtualMachineOptions options)
    {
        try
        {
            return new VirtualMachine(options).Run();
        }
        catch (RigException e)
        {
            Console.Error.WriteLine("teeio: " + e.Message);
            return ExitCode.NoRig;
        }
    }
}
