using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Pci.Tdisp;
using TeeIo.Tsm;

namespace TeeIo.Cli.Tests.Explorer;

/// <summary>A known defect, put in on purpose: keeps each TDI's state itself and sets it before the call that can fail.</summary>
/// <param name="inner">The driver that does the work.</param>
internal sealed class HastyTsm(IHostTsm inner) : IHostTsm
{
    private readonly Dictionary<TsmFunction, TdiState> _states = [];

    public SysResult Probe(TsmFunction function) => inner.Probe(function);

    public SysResult Remove(TsmFunction function) => inner.Remove(function);

    public SysResult Connect(TsmFunction function) => inner.Connect(function);

    public SysResult Disconnect(TsmFunction function) => inner.Disconnect(function);

    public SysResult Bind(Tdi tdi)
    {
        if (_states.GetValueOrDefault(tdi.Function) != TdiState.ConfigUnlocked) return Errno.EBUSY;
        _states[tdi.Function] = TdiState.ConfigLocked;
        return inner.Bind(tdi);
    }

    public SysResult Unbind(Tdi tdi, ITdiServices services)
    {
        SysResult unbound = inner.Unbind(tdi, services);
        if (unbound.IsOk) _states[tdi.Function] = TdiState.ConfigUnlocked;
        return unbound;
    }

    public SysResult GuestReq(Tdi tdi, uint selector, ReadOnlySpan<byte> request, Span<byte> response, out ulong tsmCode) =>
        inner.GuestReq(tdi, selector, request, response, out tsmCode);
}
