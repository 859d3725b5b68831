using System.CommandLine;
using System.Diagnostics.CodeAnalysis;
using TeeIo.Cli.Trace;
using TeeIo.Flow;
using TeeIo.Flow.Ftrace;
using TeeIo.Flow.Invariants;

namespace TeeIo.Cli;

/// <summary><c>teeio flow check</c>: holds a trace that a real kernel's ftrace recorded against the flow.</summary>
internal static class FlowCheckCommand
{
    /// <summary>Under which name a device goes that the trace doesn't name.</summary>
    private const string Unnamed = "unnamed device";

    public static Command Create()
    {
        var trace = new Option<FileInfo>("--trace") { Description = "The trace: text of ftrace or of trace-cmd report, recorded with " + RecordScript.Name, Required = true };
        var vendor = new Option<string?>("--vendor") { Description = $"Whose flow it is: {string.Join(", ", Vendors.Names)}. By default by the firmware calls in the trace or the kind of its VM" };
        var profile = new Option<string?>("--profile") { Description = $"Which kernel ABI it was recorded on: {string.Join(", ", KernelCalls.Profiles)}. By default by the calls that only one of them has" };
        var format = new Option<OutputFormat>("--format") { Description = "text or json", DefaultValueFactory = _ => OutputFormat.Text };
        var output = new Option<FileInfo?>("--out") { Description = "File to write instead of standard output" };
        var command = new Command(
            "check",
            $"Checks a trace of a real host: maps what its kernel's ftrace recorded to the flow's rows, draws the chart and says what broke the order. Record it as root with\n  sh {RecordScript.Path} -o FILE -- COMMAND\n"
            + "Exit code 0 where the trace conforms as far as it shows, 1 where it doesn't, 2 where it can't be read.")
        {
            trace, vendor, profile, format, output,
        };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(trace), parsed.GetValue(vendor), parsed.GetValue(profile), parsed.GetValue(format), parsed.GetValue(output)));
        return command;
    }

    private static int Run(FileInfo file, string? vendor, string? profile, OutputFormat format, FileInfo? output)
    {
        if (!TryRead(file, out FtraceRecording? recording, out string? problem)) return Refuse(problem);
        if (!TraceSetting.TryFind(recording, vendor, profile, out TraceSetting? setting, out problem)) return Refuse(problem);
        KernelTrace trace = KernelTrace.Of(recording, setting.Flow.Profile, setting.Vendor);
        if (trace.Crossings.Count == 0) return Refuse($"{file.Name} holds no call that {setting.Vendor.Name} on {setting.Flow.Profile} knows. If it was another kernel's or vendor's, say so with --profile and --vendor");
        foreach (string remark in (IEnumerable<string>)[.. setting.Reasons, .. recording.Unset.Select(u => "not probed: " + u), .. trace.Remarks]) Say(remark);

        // What is lost may be what an invariant waits for.
        IReadOnlyList<ITraceInvariant> invariants = recording.Losses.IsEmpty ? [new ResetOnlyUnboundInvariant(), new NoMigrationWhileBoundInvariant(), .. setting.Vendor.Invariants] : [];
        var checker = new FlowChecker(setting.Flow, invariants, trace);
        IReadOnlyList<string> subjects = trace.Subjects.IsEmpty ? [Unnamed] : trace.Subjects;
        IReadOnlyList<FlowReport> reports = [.. subjects.Select(s => checker.Check(setting.Vendor.Name, trace.Crossings, s))];
        if (!ReportFile.TryWrite(reports, reports.Count > 1, format, output, out problem)) return Refuse(problem);
        return reports.All(r => r.Conforms) ? ExitCode.Ok : ExitCode.Violation;
    }

    private static bool TryRead(FileInfo file, [NotNullWhen(true)] out FtraceRecording? recording, [NotNullWhen(false)] out string? problem)
    {
        (recording, problem) = (null, null);
        try
        {
            using StreamReader reader = file.OpenText();
            recording = FtraceReader.Read(reader);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problem = $"{file.FullName} can't be read: {e.Message}";
            return false;
        }
        catch (FtraceFormatException e)
        {
            problem = $"{file.FullName}, {e.Message}";
            return false;
        }

        if (!recording.Events.IsEmpty) return true;
        problem = $"{file.FullName} holds no event of the recorder ({recording.Others} of others). Record as root with: sh {RecordScript.Path} -o FILE -- COMMAND";
        return false;
    }

    private static void Say(string remark) => Console.Error.WriteLine("teeio: " + remark);

    private static int Refuse(string problem)
    {
        Say(problem);
        return ExitCode.Usage;
    }
}
