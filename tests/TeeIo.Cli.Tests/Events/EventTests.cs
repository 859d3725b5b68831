using System.Collections.Concurrent;
using System.Globalization;

namespace TeeIo.Cli.Tests.Events;

/// <summary>Each event at scheduling points of a passing run. By default at a few of them, spread evenly; TEEIO_EVENTS=some takes every 25th, TEEIO_EVENTS=all every one, TEEIO_EVENTS=n
/// every n-th. TEEIO_EVENTS_PROFILE chooses another kernel ABI, TEEIO_EVENTS_VENDOR one vendor. What TEEIO_EVENTS_LOG already has isn't run again, so that a long run can be broken off.</summary>
public sealed class EventTests(ITestOutputHelper output)
{
    private const int Sample = 2;
    private const int Shown = 12;
    private static readonly string? s_wanted = Environment.GetEnvironmentVariable("TEEIO_EVENTS") is { Length: > 0 } wanted ? wanted : null;
    private static readonly string s_profile = Environment.GetEnvironmentVariable("TEEIO_EVENTS_PROFILE") ?? "seed-2025-05";

    private static readonly ConcurrentDictionary<string, Lazy<EventRun>> s_runs = new(StringComparer.Ordinal);

    public static TheoryData<string, string> Events
    {
        get
        {
            var events = new TheoryData<string, string>();
            foreach (string vendor in (string[])["tdx", "sev"])
            {
                if (Environment.GetEnvironmentVariable("TEEIO_EVENTS_VENDOR") is { Length: > 0 } wanted && wanted != vendor) continue;
                foreach (EventKind kind in EventKinds.All) events.Add(vendor, kind.Name);
            }

            return events;
        }
    }

    [Theory]
    [MemberData(nameof(Events))]
    public void After_an_event_all_is_as_before_or_in_quarantine(string vendor, string what)
    {
        string? log = Environment.GetEnvironmentVariable("TEEIO_EVENTS_LOG") is { Length: > 0 } path ? $"{path}.{vendor}" : null;
        string entry = $"# {vendor} {what}:";
        if (File.Exists(log) && File.ReadLines(log).Any(l => l.StartsWith(entry, StringComparison.Ordinal))) Assert.Skip($"{log} has it already");

        EventRun run = s_runs.GetOrAdd(vendor, v => new Lazy<EventRun>(() => new EventRun(v, s_profile))).Value;
        EventKind kind = EventKinds.Find(what);
        int stride = s_wanted switch
        {
            null => Math.Max(1, run.Points / Sample),
            "all" => 1,
            "some" => 25,
            _ => int.Parse(s_wanted, CultureInfo.InvariantCulture),
        };

        // Each event has points of its own, so that together they take more of them.
        int start = EventKinds.All.Select((k, i) => (k, i)).First(e => e.k == kind).i * stride / EventKinds.All.Count;
        int cases = 0;
        List<string> failures = [];
        for (int point = start; point < run.Points; point += stride, cases++)
        {
            IReadOnlyList<string> problems = run.Try(kind, point);
            if (problems.Count > 0) failures.Add($"point {point}: {string.Join(" | ", problems)}");
        }

        output.WriteLine($"{vendor}, {s_profile}, seed {EventRun.Seed}: '{kind}' at {cases} of {run.Points} points, {failures.Count} of them with problems");
        if (log is not null) File.AppendAllLines(log, [$"{entry} {cases} points, {failures.Count} failures", .. failures]);
        Assert.True(failures.Count == 0, $"{vendor}, {s_profile}, seed {EventRun.Seed}: '{kind}' leaves something behind at {failures.Count} of {cases} points:\n{string.Join("\n", failures.Take(Shown))}");
    }
}
