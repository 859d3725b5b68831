using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Pci.Tdisp;
using TeeIo.Scheduling;
using TeeIo.Tdx.GuestRequest;
using TeeIo.Tdx.Iommu;
using TeeIo.Tdx.Kvm;
using TeeIo.Tsm;

namespace TeeIo.Tdx.Host;

/// <summary>The host's TSM driver for TDX Connect.</summary>
/// <param name="seam">The way into the module.</param>
/// <param name="topology">The host's PCI core.</param>
/// <param name="vms">The VMs that KVM has made.</param>
/// <param name="iommu">The IOMMU driver.</param>
[TsmDriver]
public sealed partial class TdxHostTsm(TdxSeam seam, IPciTopology topology, TdxVmTable vms, TdxTrustedIommu iommu) : HostTsmDriver
{
    private readonly Dictionary<TsmFunction, SpdmRelay> _relays = [];
    private readonly Dictionary<TsmFunction, TdxConnection> _connections = [];
    private readonly Dictionary<TsmFunction, TdxInterface> _interfaces = [];

    /// <inheritdoc/>
    protected override SysResult Probe(ProbeContext context)
    {
        TsmFunction function = context.Function;
        if (!function.IsDsm) return _relays.ContainsKey(function.Dsm) ? SysResult.Ok : Errno.ENXIO;
        if (function.Mailbox is not { } mailbox) return Errno.ENODEV;
        if (_relays.ContainsKey(function)) return SysResult.Ok;
        if (!seam.CheckFeatures().IsOk || SpdmRelay.Create(seam, mailbox) is not { } relay) return Errno.ENXIO;
        _relays.Add(function, relay);
        return SysResult.Ok;
    }

    /// <inheritdoc/>
    protected override SysResult Remove(RemoveContext context)
    {
        if (_relays.Remove(context.Function, out SpdmRelay? relay)) relay.Free();
        return SysResult.Ok;
    }

    /// <inheritdoc/>
    protected override SysResult Connect(ConnectContext context)
    {
        if (!_relays.TryGetValue(context.Function, out SpdmRelay? relay)) return Errno.EIO;
        using LockHold hold = seam.ExtensionLock.Acquire();
        SysResult result = TdxConnection.Open(seam, topology, context.Function, relay, out TdxConnection? connection);
        if (connection is not null) _connections.Add(context.Function, connection);
        return result;
    }

    /// <inheritdoc/>
    protected override SysResult Disconnect(DisconnectContext context)
    {
        if (!_connections.Remove(context.Function, out TdxConnection? connection)) return SysResult.Ok;
        using LockHold hold = seam.ExtensionLock.Acquire();
        return connection.Close();
    }

    /// <inheritdoc/>
    protected override SysResult Bind(BindContext context)
    {
        Tdi tdi = context.Tdi.Value;
        TsmFunction dsm = tdi.Function.Dsm;
        if (!_connections.TryGetValue(dsm, out TdxConnection? connection) || vms.Find(tdi.Vm) is not { } vm) return Errno.EIO;
        if (_interfaces.ContainsKey(tdi.Function)) return Errno.EBUSY;
        SysResult result = TdxInterface.Bind(seam, topology, connection, _relays[dsm], tdi, vm.Tdr, iommu.Id, out TdxInterface? bound);
        if (bound is null) return result;
        _interfaces.Add(tdi.Function, bound);
        vm.TdiCount++;
        vm.LockedMmio.UnionWith(topology.MmioPages(tdi.Function.Address));
        return SysResult.Ok;
    }

    /// <inheritdoc/>
    protected override SysResult Unbind(UnbindContext context)
    {
        Tdi tdi = context.Tdi.Value;
        TdiServicesView services = context.Services;
        if (!_interfaces.Remove(tdi.Function, out TdxInterface? bound)) return Errno.EIO;

        // The module demands this order: the device stops first, and nothing may lead to it any more when its owner is forgotten. Where a step fails everything that the module may
        // still use stays with it for good; but the DMA of a device that was stopped is taken away even if its MMIO couldn't be, since nobody vouches for it any more.
        TdxVm? vm = vms.Find(tdi.Vm);
        if (!bound.Quiesce(out bool isStopped))
        {
            iommu.Strand(tdi.Function);
            return Strand(bound, vm, "the device could not be stopped");
        }

        vm?.LockedMmio.ExceptWith(topology.MmioPages(tdi.Function.Address));
        bool isUnmapped = services.DisableMmio(context.Tdi, out WithdrawnTdi withdrawn).IsOk;
        bool isCutOff = services.DisableDma(context.Tdi).IsOk;
        if (!isCutOff) iommu.Strand(tdi.Function);
        if (!isUnmapped) return Strand(bound, vm, "private MMIO could not be unmapped");
        if (!isCutOff) return Strand(bound, vm, "trusted DMA could not be taken away");
        if (!bound.Disown()) return Strand(bound, vm, "the module did not give up the TDI");
        if (vm is not null) vm.TdiCount--;

        // A device that never said that it had stopped still holds its lock, and its memory isn't shared again before it is reset.
        tdi.Function.NeedsReset |= !isStopped;
        if (isStopped) services.EnableMmio(withdrawn);
        return SysResult.Ok;
    }

    /// <inheritdoc/>
    protected override SysResult GuestReq(GuestReqContext context)
    {
        if (context.Request.Length != TdxGuestRequest.ByteSize || !TdxGuestRequest.TryRead(context.Request, out TdxGuestRequest asked)) return Errno.EINVAL;
        if (asked.Version != GuestRequestConstants.Version || asked.Reserved != 0) return Errno.EINVAL;
        TsmFunction function = context.Tdi.Value.Function;
        if (!_interfaces.TryGetValue(function, out TdxInterface? bound)) return Errno.EIO;
        return asked.Operation switch
        {
            GuestRequestOperation.InfoCertificates => context.Answer(_connections[function.Dsm].Information.Certificates),
            GuestRequestOperation.InfoMeasurements => context.Answer(_connections[function.Dsm].Information.Measurements),
            GuestRequestOperation.InfoReport => Answer(bound.ReadReport(out byte[] report), report, context),
            GuestRequestOperation.InfoState => AnswerState(bound, context),
            GuestRequestOperation.AcceptDma => AddDmaEntry(context),
            GuestRequestOperation.Start => Start(bound, context),
            _ => Errno.EINVAL,
        };
    }

    /// <summary>The session that a function's device has, or null.</summary>
    internal TdxConnection? ConnectionOf(TsmFunction function) => _connections.GetValueOrDefault(function.Dsm);

    /// <summary>What a function is bound as, or null.</summary>
    internal TdxInterface? InterfaceOf(TsmFunction function) => _interfaces.GetValueOrDefault(function);

    /// <summary>Leaves a TDI to the module for good, and with it its TD.</summary>
    private static Errno Strand(TdxInterface bound, TdxVm? vm, string reason)
    {
        bound.Quarantine(reason);
        if (vm is not null) vm.StrandedTdis++;
        return Errno.EIO;
    }

    private static SysResult AnswerState(TdxInterface bound, GuestReqContext context)
    {
        RelayOutcome outcome = bound.ReadState(out byte state);
        if (outcome.IsOk && (TdiState)state <= TdiState.Error) context.Observe((TdiState)state);
        return Answer(outcome, [state], context);
    }

    private static SysResult Start(TdxInterface bound, GuestReqContext context)
    {
        RelayOutcome outcome = bound.Start();
        if (outcome.IsOk) context.Observe(TdiState.Run);
        return Answer(outcome, [], context);
    }

    private SysResult AddDmaEntry(GuestReqContext context)
    {
        Tdi tdi = context.Tdi.Value;
        if (vms.Find(tdi.Vm) is not { } vm) return Errno.EIO;
        StatusWord status = iommu.AddEntry(tdi.Function, vm);
        context.TsmCode = status.IsSuccess ? 0 : status.Raw;
        return status.IsSuccess ? context.Answer([]) : Errno.EIO;
    }

    private static SysResult Answer(RelayOutcome outcome, ReadOnlySpan<byte> data, GuestReqContext context)
    {
        if (outcome.IsOk) return context.Answer(data);
        context.TsmCode = outcome.Status.Raw;
        return Errno.EIO;
    }
}
