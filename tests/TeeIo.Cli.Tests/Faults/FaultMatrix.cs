using System.Collections.Concurrent;
using TeeIo.Flow;
using TeeIo.Platform.Scenarios;
using TeeIo.Sev.Firmware;
using TeeIo.Tdx.Module;

namespace TeeIo.Cli.Tests.Faults;

/// <summary>One vendor's passing run under one kernel ABI, and which faults to put into it: each crossing in turn, with each error that its call's spec lists.</summary>
/// <remarks>Of each call on the caller's side every error at its first and last occurrence once, and from the first on for good; on the callee's side the call's first error only. The
/// exhaustive matrix takes every error on both sides at every occurrence, once and for good; the sample one case. What crosses while the machine boots is <see cref="BootFaultTests"/>'.</remarks>
internal sealed class FaultMatrix
{
    public const int Seed = 1;
    private static readonly ConcurrentDictionary<(string Vendor, string Profile), Lazy<FaultMatrix>> s_all = [];
    private readonly string _vendor;
    private readonly string _profile;
    private readonly List<(CallInfo Call, CrossingSide Side, int Occurrences)> _crossed;
    private readonly Dictionary<(string Call, CrossingSide Side, string? Within), int> _passing;

    private FaultMatrix(string vendor, string profile)
    {
        (_vendor, _profile) = (vendor, profile);
        FlowOutcome outcome = Run(new FaultSequence());
        Assert.True(outcome.Report.Conforms, string.Join("; ", outcome.Report.Violations));
        Assert.Empty(outcome.Aftermath!.Value);
        Crossing[] trace = [.. Flow(outcome)];
        _crossed = [.. trace.GroupBy(c => (c.Call, c.Side)).Select(g => (g.Key.Call, g.Key.Side, g.Count()))];
        _passing = trace.CountBy(Place).ToDictionary();
    }

    /// <summary>Calls of the passing run whose specs list errors.</summary>
    public IEnumerable<string> Calls => _crossed.Where(c => ErrorsOf(c.Call).Any()).Select(c => c.Call.Name).Distinct().Order(StringComparer.Ordinal);

    public static FaultMatrix Of(string vendor, string profile) =>
        s_all.GetOrAdd((vendor, profile), key => new Lazy<FaultMatrix>(() => new FaultMatrix(key.Vendor, key.Profile))).Value;

    /// <summary>Errors that a call may end with.</summary>
    public static IEnumerable<ErrorInfo> ErrorsOf(CallInfo call) => call.Errors.Where(e => e.Outcome is { } outcome && !call.IsSuccess(outcome)).DistinctBy(e => e.Outcome);

    /// <summary>The faults of one call; one of them in the sample, another for each call.</summary>
    public IReadOnlyList<FaultCase> Faults(string call)
    {
        FaultCase[] all = [.. All(call)];
        return FaultExtent.IsMatrix ? all : [all[Turn(call) % all.Length]];
    }

    /// <summary>Faults that follow on one of a call: each crossing that there is only because of the first fault fails as well, once.</summary>
    /// <remarks>Such are the crossings that the first one's own callers still enclose, and those that the passing run doesn't have at such a place. Each second fault's error is another.</remarks>
    public IEnumerable<FaultCase> SecondFaults(FaultCase first)
    {
        var faults = new FaultSequence(first.Faults);
        FlowOutcome outcome = Run(faults);
        if (faults.Failed.FirstOrDefault() is not { } failed) yield break;
        Crossing[] trace = [.. Flow(outcome)];
        var seen = new Dictionary<(string Call, CrossingSide Side, string? Within), int>();
        var occurrences = new Dictionary<(CallInfo Call, CrossingSide Side), int>();
        HashSet<(CallInfo, CrossingSide, string?)> done = [];
        foreach (Crossing crossing in trace)
        {
            int nth = occurrences[(crossing.Call, crossing.Side)] = occurrences.GetValueOrDefault((crossing.Call, crossing.Side)) + 1;
            int here = seen[Place(crossing)] = seen.GetValueOrDefault(Place(crossing)) + 1;
            if (crossing.Sequence <= failed.Sequence || crossing.Side != CrossingSide.Client) continue;
            bool isEnclosed = Ancestors(failed).Any(a => Ancestors(crossing).Contains(a));
            if (!isEnclosed && here <= _passing.GetValueOrDefault(Place(crossing))) continue;
            ErrorInfo[] errors = [.. ErrorsOf(crossing.Call)];
            if (errors.Length == 0 || (!FaultExtent.IsExhaustive && !done.Add((crossing.Call, crossing.Side, crossing.Parent?.Call.Name)))) continue;
            ErrorInfo error = errors[(Turn(crossing.Call.Name) + nth) % errors.Length];
            yield return first.Then(new CrossingFault(crossing.Call.Name, crossing.Side, error.Outcome!.Value) { Nth = nth }, error.Name);
        }
    }

    /// <summary>Runs one case.</summary>
    /// <returns>What doesn't hold after it.</returns>
    public IReadOnlyList<string> Try(FaultCase fault)
    {
        var faults = new FaultSequence(fault.Faults);
        try
        {
            return FaultJudge.Problems(Run(faults), faults);
        }
#pragma warning disable CA1031 // Any exception is a finding.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return [$"escaped: {e.GetType().Name}: {e.Message} {e.StackTrace?.Split('\n').FirstOrDefault(l => l.Contains("TeeIo", StringComparison.Ordinal))?.Trim()}"];
        }
    }

    /// <summary>A number of its own for each call, the same in every run.</summary>
    public static int Turn(string call) => call.Aggregate(0, (sum, c) => (sum * 31 + c) & 0xFFFF);

    /// <summary>The faults of one call that the matrix takes.</summary>
    public IEnumerable<FaultCase> All(string call)
    {
        foreach ((CallInfo info, CrossingSide side, int occurrences) in _crossed.Where(c => c.Call.Name == call))
        {
            foreach (ErrorInfo error in ErrorsOf(info))
            {
                var first = new CrossingFault(call, side, error.Outcome!.Value);
                if (!FaultExtent.IsExhaustive && side == CrossingSide.Server && error != ErrorsOf(info).First()) continue;
                IEnumerable<int> times = FaultExtent.IsExhaustive ? Enumerable.Range(1, occurrences) : new[] { 1, occurrences }.Distinct();
                foreach (int nth in times)
                {
                    yield return new FaultCase([first with { Nth = nth }], error.Name);
                    if ((FaultExtent.IsExhaustive || nth == 1) && !IsInterruption(info, error)) yield return new FaultCase([first with { Nth = nth, IsPersistent = true }], error.Name);
                }
            }
        }
    }

    /// <summary>What crossed while the flow ran, and not while the machine booted.</summary>
    private static IEnumerable<Crossing> Flow(FlowOutcome outcome) => outcome.Trace.Where(c => c.Task != "setup");

    private static (string Call, CrossingSide Side, string? Within) Place(Crossing crossing) => (crossing.Call.Name, crossing.Side, crossing.Parent?.Call.Name);

    private static IEnumerable<Crossing> Ancestors(Crossing crossing)
    {
        for (Crossing? c = crossing.Parent; c is not null; c = c.Parent) yield return c;
    }

    /// <summary>Signals come to an end; whoever is interrupted for good is right to go on trying.</summary>
    private static bool IsInterruption(CallInfo call, ErrorInfo error) => call.Outcome == OutcomeKind.Syscall && error.Name == "EINTR";

    /// <summary>A run that ends, or says that it doesn't.</summary>
    private FlowOutcome Run(FaultSequence faults)
    {
        var options = new FlowScenarioOptions
        {
            Vendor = machine => _vendor == "tdx" ? new TdxPlatform(machine) : new SevPlatform(machine),
            Profile = _profile,
            Seed = Seed,
            Vms = 1,
            HasAftermath = true,
            Injector = _ => new StepLimit(faults),
            EndFaults = faults.End,
        };
        Task<FlowOutcome> run = Task.Factory.StartNew(() => FlowScenario.Run(options), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        return Task.WaitAny([run], TimeSpan.FromSeconds(60)) == 0 ? run.GetAwaiter().GetResult() : throw new TimeoutException("The run hangs where nothing crosses.");
    }
}
