using TeeIo.Flow;
using TeeIo.Platform;
using TeeIo.Scheduling;
using TeeIo.Sev.Firmware;
using TeeIo.Tdx.Module;

namespace TeeIo.Cli.Tests.Faults;

/// <summary>Each call of a booting machine fails in turn, with each error that its spec lists: the machine either boots as ever, or doesn't and says why; no page is lost.</summary>
public sealed class BootFaultTests
{
    [Theory]
    [InlineData("tdx")]
    [InlineData("sev")]
    public void A_boot_that_a_call_breaks_off_says_so_and_loses_nothing(string vendor)
    {
        var recorder = new TraceRecorder();
        Boot passing = Boot.Of(vendor, recorder, null);
        Assert.Null(passing.Refusal);
        List<string> failures = [];
        int cases = 0;
        foreach (FaultCase fault in Faults(recorder.Trace))
        {
            cases++;
            var faults = new FaultSequence(fault.Faults);
            Boot boot = Boot.Of(vendor, null, faults);
            if (!faults.HasAllHappened) failures.Add($"{fault}: did not happen");
            if (boot.Refusal is null && boot.Missing != passing.Missing) failures.Add($"{fault}: boots with {boot.Missing} pages in use instead of {passing.Missing}");
            if (boot.Refusal is not null && boot.Missing != 0) failures.Add($"{fault}: {boot.Missing} pages are lost");
            if (boot.Refusal is { } refusal && !refusal.Contains("refused", StringComparison.Ordinal)) failures.Add($"{fault}: says only '{refusal}'");
        }

        Assert.True(cases > 0);
        Assert.True(failures.Count == 0, $"{vendor}: {failures.Count} of {cases} faults:\n{string.Join("\n", failures.Take(20))}");
    }

    private static IEnumerable<FaultCase> Faults(IReadOnlyList<Crossing> trace)
    {
        foreach (IGrouping<(CallInfo Call, CrossingSide Side), Crossing> crossings in trace.GroupBy(c => (c.Call, c.Side)))
        {
            foreach (ErrorInfo error in FaultMatrix.ErrorsOf(crossings.Key.Call))
            {
                var fault = new CrossingFault(crossings.Key.Call.Name, crossings.Key.Side, error.Outcome!.Value);
                foreach (int nth in new[] { 1, crossings.Count() }.Distinct()) yield return new FaultCase([fault with { Nth = nth }], error.Name);
                yield return new FaultCase([fault with { IsPersistent = true }], error.Name);
            }
        }
    }

    /// <summary>What came of a boot.</summary>
    /// <param name="Refusal">Why it failed, or null.</param>
    /// <param name="Missing">Pages that are neither free nor in quarantine.</param>
    private sealed record Boot(string? Refusal, int Missing)
    {
        public static Boot Of(string vendor, ICrossingObserver? observer, ICrossingInjector? injector)
        {
            var scheduler = new DeterministicScheduler(FaultMatrix.Seed);
            var hub = new CrossingHub(observer is null ? [] : [observer], injector, scheduler);
            SoftwareMachine? machine = null;
            int free = 0;
            string? refusal = null;
            try
            {
                _ = new SoftwareMachine(new SoftwareMachineOptions { Seed = FaultMatrix.Seed }, scheduler, new LockOrder(scheduler), hub, m =>
                {
                    (machine, free) = (m, m.Memory.FreePages);
                    return vendor == "tdx" ? new TdxPlatform(m) : new SevPlatform(m);
                });
            }
            catch (InvalidOperationException e)
            {
                refusal = e.Message;
            }

            int missing = free - machine!.Memory.FreePages - machine.Pages.Quarantined.Count;
            machine.Dispose();
            return new Boot(refusal, missing);
        }
    }
}
