using TeeIo.Flow;
using TeeIo.Platform.Scenarios;
using TeeIo.Sev.Firmware;
using TeeIo.Tdx.Module;

namespace TeeIo.Cli.Tests.Events;

/// <summary>One vendor's passing run, and the same run with an event at one of its scheduling points.</summary>
internal sealed class EventRun
{
    public const int Seed = 1;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private readonly string _vendor;
    private readonly string _profile;

    public EventRun(string vendor, string profile)
    {
        (_vendor, _profile) = (vendor, profile);
        var policy = new StrikingPolicy(Seed, int.MaxValue);
        FlowOutcome passing = Run(policy, null, null);
        Assert.True(passing.Report.Conforms, string.Join("; ", passing.Report.Violations));
        Points = policy.Points;
    }

    /// <summary>Scheduling points of the passing run.</summary>
    public int Points { get; }

    /// <summary>Lets an event happen at a point.</summary>
    /// <returns>What doesn't hold after it.</returns>
    public IReadOnlyList<string> Try(EventKind kind, int point)
    {
        try
        {
            var policy = new StrikingPolicy(Seed, point);
            var happening = new TimedEvent(kind, policy, point);
            return EventJudge.Problems(Run(policy, happening, kind.Failing is { } failing ? new FailingInjector(failing, () => happening.IsOn) : null), kind);
        }
#pragma warning disable CA1031 // Any exception is a finding.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return [$"escaped: {e.GetType().Name}: {e.Message} {e.StackTrace?.Split('\n').FirstOrDefault(l => l.Contains("TeeIo", StringComparison.Ordinal))?.Trim()}"];
        }
    }

    private FlowOutcome Run(StrikingPolicy policy, TimedEvent? happening, ICrossingInjector? injector)
    {
        var options = new FlowScenarioOptions
        {
            Vendor = machine => _vendor == "tdx" ? new TdxPlatform(machine) : new SevPlatform(machine),
            Profile = _profile,
            Seed = Seed,
            Vms = 1,
            Scheduling = policy,
            Event = happening,
            Injector = injector is null ? null : _ => injector,
            HasAftermath = happening is not null,
            EndFaults = happening is null ? null : happening.End,
        };
        Task<FlowOutcome> run = Task.Factory.StartNew(() => FlowScenario.Run(options), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        return Task.WaitAny([run], s_patience) == 0 ? run.GetAwaiter().GetResult() : throw new TimeoutException("The run hangs where nothing is a scheduling point.");
    }
}
