using System.CommandLine;
using System.Text.Json;
using TeeIo.Cli.Doctor;
using TeeIo.Linux;

namespace TeeIo.Cli;

/// <summary><c>teeio doctor</c>: what this machine has for assigning devices, and what to do about what it lacks.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var format = new Option<OutputFormat>("--format") { Description = "text or json", DefaultValueFactory = _ => OutputFormat.Text };
        var command = new Command("doctor", "Says what this machine has for assigning devices (kernel, IOMMU, VFIO, KVM, TSM, TDX, SEV), and what to do about what it lacks. Exit code 0 where a device can be assigned.") { format };
        command.SetAction(parsed => Run(parsed.GetValue(format)));
        return command;
    }

    private static int Run(OutputFormat format)
    {
        if (!OperatingSystem.IsLinux())
        {
            Console.Error.WriteLine("teeio: devices are assigned on Linux; 'teeio flow' runs the whole flow on a software platform here.");
            return ExitCode.Usage;
        }

        IReadOnlyList<Finding> findings = new Examination(new LinuxTransport(), "/").Run(Vendors.HostSigns);
        if (format == OutputFormat.Json) Console.WriteLine(JsonSerializer.Serialize(findings, FindingJson.Default.IReadOnlyListFinding));
        else Write(findings);
        return findings.Any(f => f.State == FindingState.Missing) ? ExitCode.Violation : ExitCode.Ok;
    }

    private static void Write(IReadOnlyList<Finding> findings)
    {
        int width = findings.Max(f => f.Part.Length);
        foreach (Finding finding in findings)
        {
            string mark = finding.State switch { FindingState.Ok => "ok     ", FindingState.Missing => "MISSING", _ => "-      " };
            Console.WriteLine($"{mark} {finding.Part.PadRight(width)}  {finding.Text}");
            if (finding.Remedy is { } remedy) Console.WriteLine($"        {new string(' ', width)}  {remedy}");
        }

        int missing = findings.Count(f => f.State == FindingState.Missing);
        Console.WriteLine(missing == 0
            ? "A device can be assigned here."
            : $"A device can't be assigned here: {missing} missing. 'teeio vm' gives you a virtual machine where one can, and 'teeio flow' needs nothing of this.");
    }
}
