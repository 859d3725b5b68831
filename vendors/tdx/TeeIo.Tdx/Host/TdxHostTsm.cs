using TeeIo.Boundaries;
using TeeIo.Linux;
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
public sealed class TdxHostTsm(TdxSeam seam, IPciTopology topology, TdxVmTable vms, TdxTrustedIommu iommu) : IHostTsm
{
    private readonly Dictionary<TsmFunction, SpdmRelay> _relays = [];
    private readonly Dictionary<TsmFunction, TdxConnection> _connections = [];
    private readonly Dictionary<TsmFunction, TdxInterface> _interfaces = [];

    /// <inheritdoc/>
    public SysResult Probe(TsmFunction function)
    {
        ArgumentNullException.ThrowIfNull(function);
        if (!function.IsDsm) return _relays.ContainsKey(function.Dsm) ? SysResult.Ok : Errno.ENXIO;
        if (function.Mailbox is not { } mailbox) return Errno.ENODEV;
        if (_relays.ContainsKey(function)) return SysResult.Ok;
        if (!seam.CheckFeatures().IsOk || SpdmRelay.Create(seam, mailbox) is not { } relay) return Errno.ENXIO;
        _relays.Add(function, relay);
        return SysResult.Ok;
    }

    /// <inheritdoc/>
    public SysResult Remove(TsmFunction function)
    {
        ArgumentNullException.ThrowIfNull(function);
        if (_relays.Remove(function, out SpdmRelay? relay)) relay.Free();
        return SysResult.Ok;
    }

    /// <inheritdoc/>
    public SysResult Connect(TsmFunction function)
    {
        ArgumentNullException.ThrowIfNull(function);
        if (!_relays.TryGetValue(function, out SpdmRelay? relay)) return Errno.EIO;
        using LockHold hold = seam.ExtensionLock.Acquire();
        SysResult result = TdxConnection.Open(seam, topology, function, relay, out TdxConnection? connection);
        if (connection is not null) _connections.Add(function, connection);
        return result;
    }

    /// <inheritdoc/>
    public SysResult Disconnect(TsmFunction function)
    {
        ArgumentNullException.ThrowIfNull(function);
        if (!_connections.Remove(function, out TdxConnection? connection)) return SysResult.Ok;
        using LockHold hold = seam.ExtensionLock.Acquire();
        return connection.Close();
    }

    /// <inheritdoc/>
    public SysResult Bind(Tdi tdi)
    {
        ArgumentNullException.ThrowIfNull(tdi);
        TsmFunction dsm = tdi.Function.Dsm;
        if (!_connections.TryGetValue(dsm, out TdxConnection? connection) || vms.Find(tdi.Vm) is not { } vm) return Errno.EIO;
        if (_interfaces.ContainsKey(tdi.Function)) return Errno.EBUSY;
        SysResult result = TdxInterface.Bind(seam, topology, connection, _relays[dsm], tdi, vm.Tdr, iommu.Id, out TdxInterface? bound);
        if (bound is null) return result;
        _interfaces.Add(tdi.Function, bound);
        vm.TdiCount++;
        return SysResult.Ok;
    }

    /// <inheritdoc/>
    public SysResult Unbind(Tdi tdi, ITdiServices services)
    {
        ArgumentNullException.ThrowIfNull(tdi);
        ArgumentNullException.ThrowIfNull(services);
        if (!_interfaces.Remove(tdi.Function, out TdxInterface? bound)) return SysResult.Ok;

        // The module demands this order: the device stops first, and nothing may lead to it any more when its owner is forgotten. Where a step fails the ones behind it
        // would fail, too, and everything that the module may still use stays with it.
        if (!bound.Stop().IsOk) return Quarantine(bound, "the device could not be stopped");
        if (!services.DisableMmio(tdi).IsOk) return Quarantine(bound, "private MMIO could not be unmapped");
        if (!services.DisableDma(tdi).IsOk) return Quarantine(bound, "trusted DMA could not be taken away");
        bool isGone = bound.Disown();
        if (isGone && vms.Find(tdi.Vm) is { } vm) vm.TdiCount--;
        if (!isGone) return Errno.EIO;
        return services.EnableMmio(tdi).IsOk ? SysResult.Ok : Errno.EIO;
    }

    /// <inheritdoc/>
    public SysResult GuestReq(Tdi tdi, uint selector, ReadOnlySpan<byte> request, Span<byte> response, out ulong tsmCode)
    {
        ArgumentNullException.ThrowIfNull(tdi);
        tsmCode = 0;
        if (request.Length != TdxGuestRequest.ByteSize || !TdxGuestRequest.TryRead(request, out TdxGuestRequest asked)) return Errno.EINVAL;
        if (asked.Version != GuestRequestConstants.Version || asked.Reserved != 0) return Errno.EINVAL;
        if (!_interfaces.TryGetValue(tdi.Function, out TdxInterface? bound)) return Errno.EIO;
        return asked.Operation switch
        {
            GuestRequestOperation.InfoDevice => Answer(_connections[tdi.Function.Dsm].DeviceInfo, response),
            GuestRequestOperation.InfoReport => Answer(bound.ReadReport(out byte[] report), report, response, ref tsmCode),
            GuestRequestOperation.InfoState => Answer(bound.ReadState(out byte state), [state], response, ref tsmCode),
            GuestRequestOperation.AcceptDma => AddDmaEntry(tdi, response, ref tsmCode),
            GuestRequestOperation.Start => Answer(bound.Start(), [], response, ref tsmCode),
            _ => Errno.EINVAL,
        };
    }

    private SysResult AddDmaEntry(Tdi tdi, Span<byte> response, ref ulong tsmCode)
    {
        if (vms.Find(tdi.Vm) is not { } vm) return Errno.EIO;
        StatusWord status = iommu.AddEntry(tdi.Function, vm);
        tsmCode = status.IsSuccess ? 0 : status.Raw;
        return status.IsSuccess ? Answer([], response) : Errno.EIO;
    }

    private static Errno Quarantine(TdxInterface bound, string reason)
    {
        bound.Quarantine(reason);
        return Errno.EIO;
    }

    private static SysResult Answer(RelayOutcome outcome, ReadOnlySpan<byte> data, Span<byte> response, ref ulong tsmCode)
    {
        if (outcome.IsOk) return Answer(data, response);
        tsmCode = outcome.Status.Raw;
        return Errno.EIO;
    }

    /// <returns>How many bytes of the response were left over.</returns>
    private static SysResult Answer(ReadOnlySpan<byte> data, Span<byte> response)
    {
        if (data.Length > response.Length) return Errno.ENOSPC;
        data.CopyTo(response);
        return SysResult.Of(response.Length - data.Length);
    }
}
