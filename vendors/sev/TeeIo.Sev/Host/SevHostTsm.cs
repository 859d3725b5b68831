using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Pci;
using TeeIo.Pci.Doe;
using TeeIo.Sev.GuestRequest;
using TeeIo.Sev.Kvm;
using TeeIo.Sev.Psp;
using TeeIo.Tsm;

namespace TeeIo.Sev.Host;

/// <summary>The host's TSM driver for SEV-TIO.</summary>
/// <param name="firmware">The firmware.</param>
/// <param name="topology">The host's PCI core.</param>
/// <param name="streams">That core's IDE registers.</param>
/// <param name="vms">The VMs that KVM has made.</param>
[TsmDriver]
public sealed partial class SevHostTsm(SevFirmware firmware, IPciTopology topology, IIdeStreams streams, SevVmTable vms) : HostTsmDriver
{
    private readonly HashSet<TsmFunction> _devices = [];
    private readonly Dictionary<TsmFunction, SevConnection> _connections = [];
    private readonly Dictionary<TsmFunction, SevInterface> _interfaces = [];
    private readonly HashSet<TsmFunction> _stranded = [];
    private readonly Dictionary<TsmFunction, (SevVm Vm, TdiMmio Mmio)> _stillMapped = [];
    private readonly MmioMappings _mmio = new(firmware);
    private readonly GuestRequests _requests = new(firmware);

    /// <summary>The connection of a function's DSM, or null.</summary>
    internal SevConnection? ConnectionOf(TsmFunction function) => _connections.GetValueOrDefault(function.Dsm);

    /// <summary>A function's bind, or null.</summary>
    internal SevInterface? InterfaceOf(TsmFunction function) => _interfaces.GetValueOrDefault(function);

    /// <inheritdoc/>
    protected override SysResult Probe(ProbeContext context)
    {
        TsmFunction function = context.Function;
        if (!function.IsDsm) return _devices.Contains(function.Dsm) ? SysResult.Ok : Errno.ENXIO;
        if (function.Address.Function != 0 || firmware.Sizes is null) return Errno.ENXIO;
        if (function.Mailbox is not { } mailbox || !HasSessions(mailbox)) return Errno.ENODEV;
        _devices.Add(function);
        return SysResult.Ok;
    }

    /// <inheritdoc/>
    protected override SysResult Remove(RemoveContext context)
    {
        _devices.Remove(context.Function);
        return SysResult.Ok;
    }

    /// <inheritdoc/>
    protected override SysResult Connect(ConnectContext context)
    {
        TsmFunction function = context.Function;
        if (!_devices.Contains(function) || firmware.Sizes is not { } sizes || _connections.ContainsKey(function)) return Errno.EIO;
        if (FindStreamId() is not { } streamId) return Errno.ENOSPC;
        SysResult result = SevConnection.Open(firmware, topology, streams, function, streamId, sizes, out SevConnection? connection);
        if (connection is not null) _connections.Add(function, connection);
        return result;
    }

    /// <inheritdoc/>
    protected override SysResult Disconnect(DisconnectContext context) =>
        _connections.Remove(context.Function, out SevConnection? connection) ? connection.Close() : SysResult.Ok;

    /// <inheritdoc/>
    protected override SysResult Bind(BindContext context)
    {
        Tdi tdi = context.Tdi.Value;
        TsmFunction function = tdi.Function;
        if (firmware.Sizes is not { } sizes || !_connections.TryGetValue(function.Dsm, out SevConnection? connection) || vms.Find(tdi.Vm) is not { } vm) return Errno.EIO;
        if (_interfaces.ContainsKey(function) || vm.Tdis.ContainsKey(function)) return Errno.EBUSY;

        // From here on the VM can't be destroyed.
        var mmio = new TdiMmio(topology.MmioPages(function.Address));
        var bound = new SevInterface(firmware, connection, vm, tdi);
        vm.Tdis.Add(function, mmio);
        context.OnFailure(() =>
        {
            if (bound.Release(out _)) vm.Tdis.Remove(function);
            else vm.StrandedTdis++;
        });
        SysResult result = bound.Create(sizes.TdiContext);
        if (result.IsOk) result = bound.Lock();
        if (!result.IsOk) return result;
        _interfaces.Add(function, bound);
        mmio.IsOpen = true;
        return SysResult.Ok;
    }

    /// <summary>Takes the TDI away by the firmware's own means: what leads to it goes there, and the guest's pages of its MMIO are this driver's to take back. So it uses none of the upper
    /// levels' services.</summary>
    protected override SysResult Unbind(UnbindContext context)
    {
        Tdi tdi = context.Tdi.Value;

        // Asked again: of a TDI that firmware has kept nothing more can be taken away, and of one that it has let go of only MMIO is left.
        if (!_interfaces.Remove(tdi.Function, out SevInterface? bound))
            return !_stranded.Contains(tdi.Function) && (!_stillMapped.Remove(tdi.Function, out (SevVm Vm, TdiMmio Mmio) left) || Unmap(tdi.Function, left.Vm, left.Mmio)) ? SysResult.Ok : Errno.EIO;
        TdiMmio mmio = bound.Vm.Tdis[tdi.Function];
        mmio.IsOpen = false;
        bool isGone = bound.Release(out bool isClean);

        // MMIO of a TDI that the firmware still calls bound stays its guest's. Otherwise the VM is rid of the TDI, whatever else went wrong.
        bool isUnmapped = isGone && Unmap(tdi.Function, bound.Vm, mmio);
        if (isGone) bound.Vm.Tdis.Remove(tdi.Function);
        else Strand(bound, tdi);
        return isGone && isUnmapped && isClean ? SysResult.Ok : Errno.EIO;
    }

    /// <summary>Takes the guest's pages of a TDI's MMIO back; what isn't given up is tried again with the next unbind.</summary>
    private bool Unmap(TsmFunction function, SevVm vm, TdiMmio mmio)
    {
        bool isUnmapped = _mmio.Unmap(vm, mmio);
        if (!isUnmapped) _stillMapped[function] = (vm, mmio);
        return isUnmapped;
    }

    private void Strand(SevInterface bound, Tdi tdi)
    {
        bound.Vm.StrandedTdis++;
        _stranded.Add(tdi.Function);
    }

    /// <inheritdoc/>
    protected override SysResult GuestReq(GuestReqContext context)
    {
        if (context.Request.Length != SevGuestRequest.ByteSize || !SevGuestRequest.TryRead(context.Request, out SevGuestRequest asked)) return Errno.EINVAL;
        if (asked.Version != SevGuestRequestConstants.Version || asked.Reserved != 0) return Errno.EINVAL;
        return _interfaces.TryGetValue(context.Tdi.Value.Function, out SevInterface? bound) ? _requests.Serve(bound, asked, context) : Errno.EIO;
    }

    private static bool HasSessions(IDoeMailbox mailbox)
    {
        var types = new HashSet<DoeObjectType>();
        return DoeDiscovery.Find(mailbox, types).IsOk && types.Contains(DoeObjectType.Spdm) && types.Contains(DoeObjectType.SecuredSpdm);
    }

    private byte? FindStreamId()
    {
        for (byte id = 0; id < TioFirmwareConstants.IdeStreamUnused; id++)
        {
            if (!_connections.Values.Any(c => c.StreamId == id)) return id;
        }

        return null;
    }
}
