using System.CommandLine;
using TeeIo.Cli.LinuxFlow;
using TeeIo.Flow;
using TeeIo.Guest.Attestation;
using TeeIo.Linux;
using TeeIo.Linux.Seed202505;
using TeeIo.Platform;
using TeeIo.Platform.Devices;
using TeeIo.Platform.Kernel;
using TeeIo.Platform.Scenarios;

namespace TeeIo.Cli;

/// <summary><c>teeio flow</c>: runs the whole flow on the software platform and shows it as the chart of actors.</summary>
internal static class FlowCommand
{
    private const string All = "all";
    private const string DefaultProfile = Seed202505Profile.Name;

    public static Command Create()
    {
        var vendor = new Option<string>("--vendor") { Description = $"Whose TSM runs: {string.Join(", ", Vendors.Names)}, or {All} of them", DefaultValueFactory = _ => All };
        var profile = new Option<string>("--profile") { Description = "Which kernel ABI it runs on: " + string.Join(", ", SoftwareKernel.Profiles), DefaultValueFactory = _ => DefaultProfile };
        var kernel = new Option<FlowKernel>("--kernel") { Description = "software: the platform's own; linux: this machine's, as far as it has the flow (profile linux-7.3; teeio vm gives one)", DefaultValueFactory = _ => FlowKernel.Software };
        var device = new Option<string>("--device") { Description = "With --kernel linux: VFIO's file of an edu device", DefaultValueFactory = _ => "/dev/vfio/devices/vfio0" };
        var seed = new Option<int>("--seed") { Description = "Seed of the scheduler and of all randomness; the same seed gives the same trace", DefaultValueFactory = _ => 1 };
        var format = new Option<OutputFormat>("--format") { Description = "text or json", DefaultValueFactory = _ => OutputFormat.Text };
        var output = new Option<FileInfo?>("--out") { Description = "File to write instead of standard output" };
        var trace = new Option<FileInfo?>("--trace") { Description = "File for the whole trace, a line for each crossing" };
        var policy = new Option<FileInfo?>("--policy") { Description = "File with whom the guests trust, instead of the platform's own model devices" };
        var printPolicy = new Option<bool>("--print-policy") { Description = "Instead of the chart: a policy for --policy, made from what the device shows in this flow" };
        var command = new Command("flow", "Runs the flow of one device from shared to trusted and back, and checks it against its profile. Exit code 0 where it conforms.")
        {
            vendor, profile, kernel, device, seed, format, output, trace, policy, printPolicy, FlowCheckCommand.Create(),
        };
        command.SetAction(parsed =>
        {
            bool prints = parsed.GetValue(printPolicy);
            FileInfo? policyFile = parsed.GetValue(policy);
            if (prints && policyFile is not null) return Refuse("--print-policy makes a policy and --policy uses one: take one of them");
            if ((prints || policyFile is not null) && parsed.GetValue(kernel) != FlowKernel.Software) return Refuse("a released Linux binds no device, so its guests attest nothing: leave --kernel out");
            EvidenceCollector collector = new();
            if (!TryChoose(prints ? collector : null, policyFile, out IAttestationPolicy trusted, out string? problem)) return Refuse(problem!);
            Func<Func<SoftwareMachine, IVendorPlatform>, FlowOutcome>? run = Runner(
                parsed.GetValue(kernel), parsed.GetResult(profile)?.Implicit == false ? parsed.GetValue(profile) : null, parsed.GetValue(device)!, parsed.GetValue(seed), trusted, out problem);
            if (run is null) return Refuse(problem!);
            Func<List<FlowOutcome>, string?> write = prints
                ? _ => PrintPolicy(collector, parsed.GetValue(output))
                : outcomes => PrintReports(outcomes, parsed.GetValue(vendor) == All, parsed.GetValue(format), parsed.GetValue(output));
            return Run(parsed.GetValue(vendor)!, run, parsed.GetValue(trace), write);
        });
        return command;
    }

    /// <summary>What runs the flow with a vendor on the kernel that was asked for; null with a problem where that can't be.</summary>
    private static Func<Func<SoftwareMachine, IVendorPlatform>, FlowOutcome>? Runner(FlowKernel kernel, string? profile, string device, int seed, IAttestationPolicy policy, out string? problem)
    {
        problem = null;
        if (kernel == FlowKernel.Software)
            return vendor => FlowScenario.Run(new FlowScenarioOptions { Vendor = vendor, Profile = profile ?? DefaultProfile, Seed = seed, Policy = policy });
        if (profile is not (null or LinuxScenario.Profile)) problem = $"a released Linux has no profile '{profile}': leave --profile out, or name {LinuxScenario.Profile}";
        else if (!OperatingSystem.IsLinux()) problem = "this machine's kernel isn't Linux";
        if (problem is not null || !OperatingSystem.IsLinux()) return null;
        LinuxTransport linux = new();
        return vendor => LinuxScenario.Run(linux, vendor, device, seed);
    }

    /// <summary>Whom the guests trust.</summary>
    private static bool TryChoose(EvidenceCollector? collector, FileInfo? file, out IAttestationPolicy policy, out string? problem)
    {
        (policy, problem) = (collector ?? (IAttestationPolicy)ModelReference.Policy, null);
        if (file is null) return true;
        try
        {
            policy = AttestationPolicyFile.Read(file.ToString());
            return true;
        }
        catch (AttestationPolicyException e)
        {
            problem = e.Message;
            return false;
        }
    }

    /// <summary>Runs the flow of each vendor.</summary>
    /// <param name="vendor">The vendor, or all.</param>
    /// <param name="run">Runs it.</param>
    /// <param name="trace">Where the trace goes.</param>
    /// <param name="write">Writes what was asked for; gives a problem where that can't be.</param>
    private static int Run(string vendor, Func<Func<SoftwareMachine, IVendorPlatform>, FlowOutcome> run, FileInfo? trace, Func<List<FlowOutcome>, string?> write)
    {
        var factories = Vendors.Names.Where(name => vendor == All || name == vendor).Select(name => Vendors.Find(name)!).ToList();
        if (factories.Count == 0) return Refuse($"there is no vendor '{vendor}'; known: {string.Join(", ", Vendors.Names)}, {All}");
        List<FlowOutcome> outcomes;
        try
        {
            outcomes = [.. factories.Select(run)];
        }
        catch (ProfileNotSupportedException e)
        {
            return Refuse(e.Message);
        }

        if (trace is not null && !ReportFile.TryWriteFile(trace, stream => WriteTrace(stream, outcomes), out string? untraced)) return Refuse(untraced);
        if (write(outcomes) is { } problem) return Refuse(problem);
        return outcomes.TrueForAll(o => o.Report.Conforms) ? ExitCode.Ok : ExitCode.Violation;
    }

    private static string? PrintReports(List<FlowOutcome> outcomes, bool isList, OutputFormat format, FileInfo? output) =>
        ReportFile.TryWrite([.. outcomes.Select(o => o.Report)], isList, format, output, out string? problem) ? null : problem;

    private static string? PrintPolicy(EvidenceCollector collector, FileInfo? output)
    {
        if (collector.Evidence is not { } evidence) return "no guest has collected evidence in this flow, so there is nothing to make a policy of; take a profile that binds";
        byte[] policy = AttestationPolicyFile.Write(PolicyDraft.Of(evidence));
        if (output is not null) return ReportFile.TryWriteFile(output, stream => stream.Write(policy), out string? problem) ? null : problem;
        using Stream console = Console.OpenStandardOutput();
        console.Write(policy);
        return null;
    }

    private static void WriteTrace(Stream stream, List<FlowOutcome> outcomes)
    {
        using var writer = new StreamWriter(stream, leaveOpen: true) { NewLine = "\n" };
        foreach (FlowOutcome outcome in outcomes)
        {
            if (outcomes.Count > 1) writer.WriteLine($"# vendor {outcome.Report.Vendor}");
            TraceText.Write(writer, outcome.Trace);
        }
    }

    private static int Refuse(string problem)
    {
        Console.Error.WriteLine("teeio: " + problem);
        return ExitCode.Usage;
    }
}
