using TeeIo.Flow;
using TeeIo.Pci.Tdisp;
using TeeIo.Tsm;

namespace TeeIo.Platform;

/// <summary>Invariant 11, of IDE streams: new keys leave every TDI that runs in RUN, and no TDI is locked or runs on a stream that has failed. It looks at the device after every crossing,
/// since a trace alone doesn't show it: it works live only.</summary>
/// <param name="look">The device's TDIs as they are now.</param>
public sealed class IdeStreamInvariant(Func<IReadOnlyList<TdiOnStream>> look) : ITraceInvariant
{
    /// <summary>The invariant on a machine's device.</summary>
    public IdeStreamInvariant(SoftwareMachine machine)
        : this(() => machine.Device.TdisOnStreams)
    {
    }

    /// <inheritdoc/>
    public string Name => "11 (new keys keep RUN, a failed stream ends it)";

    /// <inheritdoc/>
    public IInvariantWatch Watch() => new Streams(look);

    private sealed class Streams(Func<IReadOnlyList<TdiOnStream>> look) : IInvariantWatch
    {
        private readonly Dictionary<Crossing, string[]> _ranBefore = [];
        private readonly HashSet<string> _reported = [];

        public void Opened(Crossing crossing)
        {
            if (crossing.Side == CrossingSide.Server && crossing.Call == HostKeysCalls.RefreshKeys)
                _ranBefore[crossing] = [.. look().Where(t => t.State == TdiState.Run).Select(t => t.Name)];
        }

        public string? Closed(Crossing crossing)
        {
            IReadOnlyList<TdiOnStream> now = look();
            List<string> found = [];
            if (_ranBefore.Remove(crossing, out string[]? ran) && crossing.IsSuccess)
                found.AddRange(now.Where(t => t.State != TdiState.Run && ran.Contains(t.Name)).Select(t => $"{t.Name} ran before new keys, and is {t.State} with them"));
            foreach (TdiOnStream tdi in now)
            {
                bool isWrong = tdi is { State: TdiState.ConfigLocked or TdiState.Run, IsSecure: false };
                if (!isWrong) _reported.Remove(tdi.Name);
                else if (_reported.Add(tdi.Name)) found.Add($"{tdi.Name} is {tdi.State} on a stream that isn't secure");
            }

            return found.Count == 0 ? null : $"{string.Join("; ", found)}, after {crossing.Call.Name}";
        }
    }
}
