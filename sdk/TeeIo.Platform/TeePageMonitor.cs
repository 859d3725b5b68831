using System.Globalization;
using TeeIo.Flow;
using TeeIo.Pci.Tdisp;
using TeeIo.Platform.Devices;
using TeeIo.Platform.Hardware;

namespace TeeIo.Platform;

/// <summary>Invariant 3, watched after every crossing: while a TDI is locked or runs, the host reaches no page of a TEE range of its interface report.</summary>
public sealed class TeePageMonitor : ICrossingObserver
{
    private readonly HashSet<string> _violations = [];

    /// <summary>The machine to watch; nothing is watched before it is there.</summary>
    public SoftwareMachine? Machine { get; set; }

    /// <summary>What was seen: one sentence for each page and call.</summary>
    public IReadOnlyCollection<string> Violations => _violations;

    /// <inheritdoc/>
    public void Opened(Crossing crossing)
    {
        // State changes inside a crossing; it is looked at when the crossing ends.
    }

    /// <inheritdoc/>
    public void Closed(Crossing crossing)
    {
        ArgumentNullException.ThrowIfNull(crossing);
        if (Machine is not { } machine) return;
        foreach (PciFunctionModel function in machine.Device.Functions)
        {
            if (function.TdiState is TdiState.ConfigLocked or TdiState.Run) Check(machine, function, crossing);
        }
    }

    private void Check(SoftwareMachine machine, PciFunctionModel function, Crossing crossing)
    {
        for (int bar = 0; function.BarSize(bar) > 0; bar++)
        {
            for (ulong offset = 0; offset < function.BarSize(bar); offset += PhysicalMemory.PageSize)
            {
                if (!function.IsTeePage(bar, offset) || !machine.Kernel.IsReachable(function, bar, offset)) continue;
                _violations.Add(string.Create(
                    CultureInfo.InvariantCulture,
                    $"the host reaches page 0x{offset:x} of BAR {bar} of {function.Address}, which is {function.TdiState}, after {crossing.Call.Name}"));
            }
        }
    }
}
