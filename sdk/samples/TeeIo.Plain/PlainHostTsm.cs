using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Pci;
using TeeIo.Pci.IdeKm;
using TeeIo.Pci.Spdm;
using TeeIo.Pci.Tdisp;
using TeeIo.Plain.Calls;
using TeeIo.Tsm;

namespace TeeIo.Plain;

/// <summary>Plug point 1, the host's TSM driver: it speaks to the device itself.</summary>
[TsmDriver]
internal sealed partial class PlainHostTsm(PlainPages pages, IRootPortStreams port, IPciTopology topology, ISpdmVerifier verifier, Random random) : HostTsmDriver
{
    private const byte StreamId = 1;
    private readonly Dictionary<TsmFunction, TdiConversations> _tdis = [];
    private DirectSession? _session;
    private IdeStreamKeys? _keys;

    protected override SysResult Probe(ProbeContext context) => context.Function.Dsm.Mailbox is null ? Errno.ENXIO : SysResult.Ok;

    protected override SysResult Remove(RemoveContext context) => SysResult.Ok;

    protected override SysResult Connect(ConnectContext context)
    {
        PciAddress address = context.Function.Address;
        _session = new DirectSession(context.Function.Mailbox!, verifier, random);
        _keys = new IdeStreamKeys(StreamId, _session, port, random);
        if (!_session.Connect()) return Errno.EPROTO;
        if (!port.TryOpen(StreamId, address.RequesterId, topology.LastRequesterId(address), out _)) return Errno.ENOSPC;
        context.OnFailure(() => port.Close(StreamId));
        return _session.Run(_keys.SetUp) ? SysResult.Ok : Errno.EPROTO;
    }

    protected override SysResult Disconnect(DisconnectContext context)
    {
        // A device that doesn't answer keeps nothing of the host's: without the port's keys nothing passes.
        if (_session is { } session && session.Run(_keys!.Stop)) session.Run(session.Spdm.End);
        port.Close(StreamId);
        return SysResult.Ok;
    }
    //#if (filled)

    protected override SysResult Bind(BindContext context)
    {
        TsmFunction function = context.Tdi.Value.Function;
        PciAddress address = function.Address;
        if (_session is not { } session) return Errno.EIO;
        var tdi = new TdiConversations((uint)RegisterBoundary.Pack(new TdispFunctionId { RequesterId = address.RequesterId, Segment = (byte)address.Segment }), session);
        if (!session.Run(exchange => tdi.Lock(exchange, LockFlags.NoFwUpdate | LockFlags.LockMsix, StreamId, reportingOffset: 0))) return Errno.EIO;
        context.OnFailure(() => session.Run(tdi.Stop));
        if (!session.Run(tdi.ReadReport)) return Errno.EPROTO;
        _tdis[function] = tdi;
        return SysResult.Ok;
    }

    protected override SysResult Unbind(UnbindContext context)
    {
        if (!_tdis.Remove(context.Tdi.Value.Function, out TdiConversations? tdi)) return SysResult.Ok;

        // A device that doesn't stop is cut off instead, and the core takes it out of use.
        bool isStopped = _session!.Run(tdi.Stop);
        if (!isStopped) port.Block(StreamId);
        bool isUnmapped = context.Services.DisableMmio(context.Tdi, out WithdrawnTdi withdrawn).IsOk;
        bool isCutOff = context.Services.DisableDma(context.Tdi).IsOk;
        return isStopped && isUnmapped && isCutOff && context.Services.EnableMmio(withdrawn).IsOk ? SysResult.Ok : Errno.EIO;
    }
    //#endif

    protected override SysResult GuestReq(GuestReqContext context)
    {
        Tdi bound = context.Tdi.Value;
        if (context.Request.Length != 1 || !_tdis.TryGetValue(bound.Function, out TdiConversations? tdi)) return Errno.EINVAL;
        switch ((PlainRequest)context.Request[0])
        {
            case PlainRequest.DeviceInfo: return context.Answer([.. _session!.Spdm.Certificates.Span, .. _session.Spdm.Measurements.Span]);
            case PlainRequest.InterfaceReport: return context.Answer(tdi.Report!.Bytes.Span);
            case PlainRequest.AcceptDma:
                pages.AllowDma(bound.Function.Address.RequesterId, bound.Vm);
                return context.Answer([]);
            case PlainRequest.Start when _session!.Run(tdi.Start):
                context.Observe(TdiState.Run);
                return context.Answer([]);
            case PlainRequest.Start: return Errno.EIO;
            default: return Errno.EINVAL;
        }
    }
}
