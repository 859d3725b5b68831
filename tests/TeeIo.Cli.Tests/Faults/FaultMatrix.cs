using System.Collections.Concurrent;
using TeeIo.Flow;
using TeeIo.Platform.Scenarios;
using TeeIo.Sev.Firmware;
using TeeIo.Tdx.Module;

namespace TeeIo.Cli.Tests.Faults;

/// <summary>One vendor's passing run, and which faults to put into it: each crossing in turn, with each error that its call's spec lists.</summary>
/// <remarks>By default each distinct (call, error) on the caller's side at its first and last occurrence once, and from the first on for good; on the callee's side the call's first error
/// only. With TEEIO_FAULTS=all every error on both sides at every occurrence, once and for good. TEEIO_FAULTS_PROFILE chooses another kernel ABI. What crosses while the machine boots
/// is left out.</remarks>
internal sealed class FaultMatrix
{
    public const int Seed = 1;

    /// <summary>Whether the matrix was asked for.</summary>
    public static bool IsWanted { get; } = Environment.GetEnvironmentVariable("TEEIO_FAULTS") is { Length: > 0 };

    private static readonly bool s_isExhaustive = Environment.GetEnvironmentVariable("TEEIO_FAULTS") == "all";
    private static readonly string s_profile = Environment.GetEnvironmentVariable("TEEIO_FAULTS_PROFILE") ?? "seed-2025-05";
    private static readonly ConcurrentDictionary<string, Lazy<FaultMatrix>> s_all = new(StringComparer.Ordinal);

    private readonly string _vendor;
    private readonly List<(CallInfo Call, CrossingSide Side, int Occurrences)> _crossed;

    private FaultMatrix(string vendor)
    {
        _vendor = vendor;
        FlowOutcome passing = Run(null);
        Assert.True(passing.Report.Conforms, string.Join("; ", passing.Report.Violations));
        Assert.Empty(passing.Aftermath!.Value);
        _crossed = [.. passing.Trace.Where(c => c.Task != "setup").GroupBy(c => (c.Call, c.Side)).Select(g => (g.Key.Call, g.Key.Side, g.Count()))];
        Crossings = passing.Trace.Count;
    }

    /// <summary>Crossings of the passing run.</summary>
    public int Crossings { get; }

    /// <summary>Calls of the passing run whose specs list errors.</summary>
    public IEnumerable<string> Calls => _crossed.Where(c => Errors(c.Call).Any()).Select(c => c.Call.Name).Distinct().Order(StringComparer.Ordinal);

    public static FaultMatrix Of(string vendor) => s_all.GetOrAdd(vendor, v => new Lazy<FaultMatrix>(() => new FaultMatrix(v))).Value;

    /// <summary>The faults of one call.</summary>
    public IEnumerable<(CrossingFault Fault, string Error)> Faults(string call)
    {
        foreach ((CallInfo info, CrossingSide side, int occurrences) in _crossed.Where(c => c.Call.Name == call))
        {
            foreach (ErrorInfo error in Errors(info))
            {
                var first = new CrossingFault(call, side, error.Outcome!.Value);
                if (!s_isExhaustive && side == CrossingSide.Server && error != Errors(info).First()) continue;
                IEnumerable<int> times = s_isExhaustive ? Enumerable.Range(1, occurrences) : new[] { 1, occurrences }.Distinct();
                foreach (int nth in times)
                {
                    yield return (first with { Nth = nth }, error.Name);
                    if ((s_isExhaustive || nth == 1) && !IsInterruption(info, error)) yield return (first with { Nth = nth, IsPersistent = true }, error.Name);
                }
            }
        }
    }

    /// <summary>Runs one case.</summary>
    /// <returns>What doesn't hold after it.</returns>
    public IReadOnlyList<string> Try(CrossingFault fault)
    {
        var injector = new FaultInjector(fault);
        try
        {
            return FaultJudge.Problems(Run(injector), injector);
        }
#pragma warning disable CA1031 // Any exception is a finding.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return [$"escaped: {e.GetType().Name}: {e.Message} {e.StackTrace?.Split('\n').FirstOrDefault(l => l.Contains("TeeIo", StringComparison.Ordinal))?.Trim()}"];
        }
    }

    private static IEnumerable<ErrorInfo> Errors(CallInfo call) => call.Errors.Where(e => e.Outcome is { } outcome && !call.IsSuccess(outcome)).DistinctBy(e => e.Outcome);

    /// <summary>Signals come to an end; whoever is interrupted for good is right to go on trying.</summary>
    private static bool IsInterruption(CallInfo call, ErrorInfo error) => call.Outcome == OutcomeKind.Syscall && error.Name == "EINTR";

    /// <summary>A run that ends, or says that it doesn't.</summary>
    private FlowOutcome Run(FaultInjector? injector)
    {
        var options = new FlowScenarioOptions
        {
            Vendor = machine => _vendor == "tdx" ? new TdxPlatform(machine) : new SevPlatform(machine),
            Profile = s_profile,
            Seed = Seed,
            Vms = 1,
            HasAftermath = true,
            Injector = _ => new StepLimit(injector),
            EndFaults = () => injector?.IsOver = true,
        };
        Task<FlowOutcome> run = Task.Factory.StartNew(() => FlowScenario.Run(options), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        return Task.WaitAny([run], TimeSpan.FromSeconds(60)) == 0 ? run.GetAwaiter().GetResult() : throw new TimeoutException("The run hangs where nothing crosses.");
    }
}
