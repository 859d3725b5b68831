using System.Globalization;
using TeeIo.Flow;
using TeeIo.Pci.Tdisp;
using TeeIo.Platform.Devices;
using TeeIo.Platform.Hardware;

namespace TeeIo.Platform;

/// <summary>Invariant 3: while a TDI is locked or runs, the host reaches no page of a TEE range of its interface report. It looks at the machine after every crossing, since a trace alone
/// doesn't show the host's mappings: it works live only.</summary>
/// <param name="machine">The machine.</param>
public sealed class TeePageInvariant(SoftwareMachine machine) : ITraceInvariant
{
    /// <inheritdoc/>
    public string Name => "3 (TEE pages out of the host's reach)";

    /// <inheritdoc/>
    public IInvariantWatch Watch() => new Pages(machine);

    private sealed class Pages(SoftwareMachine machine) : IInvariantWatch
    {
        private readonly HashSet<(PciFunctionModel Function, int Bar, ulong Offset)> _reached = [];

        public string? Closed(Crossing crossing)
        {
            List<string> found = [];
            foreach (PciFunctionModel function in machine.Device.Functions)
            {
                for (int bar = 0; function.BarSize(bar) > 0; bar++) Check(function, bar, found);
            }

            return found.Count == 0 ? null : $"the host reaches {string.Join(" and ", found)}, after {crossing.Call.Name}";
        }

        /// <summary>A page is reported when it comes into reach, not at every crossing while it stays there.</summary>
        private void Check(PciFunctionModel function, int bar, List<string> found)
        {
            bool isLocked = function.TdiState is TdiState.ConfigLocked or TdiState.Run;
            for (ulong offset = 0; offset < function.BarSize(bar); offset += PhysicalMemory.PageSize)
            {
                bool isReached = isLocked && function.IsTeePage(bar, offset) && machine.Kernel.IsReachable(function, bar, offset);
                if (!isReached) _reached.Remove((function, bar, offset));
                else if (_reached.Add((function, bar, offset)))
                    found.Add(string.Create(CultureInfo.InvariantCulture, $"page 0x{offset:x} of BAR {bar} of {function.Address}, which is {function.TdiState}"));
            }
        }
    }
}
