using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Linux;
using TeeIo.Linux.Iommufd;
using TeeIo.Linux.Kvm;
using TeeIo.Tsm;

namespace TeeIo.Vmm;

/// <summary>Profiles in which IOMMUFD binds the vDEVICE: vIOMMU and vDEVICE are made before the VM runs, and every request goes to the vDEVICE.</summary>
/// <param name="transport">The kernel.</param>
/// <param name="iommufd">The iommufd.</param>
/// <param name="hub">Where the boundaries report.</param>
public abstract class VdeviceUapi(IoctlTransport transport, Fd iommufd, CrossingHub hub) : ITrustedDeviceUapi
{
    private readonly VdeviceMaker _vdevices = new(transport, iommufd, hub);

    /// <inheritdoc/>
    public abstract string Profile { get; }

    /// <inheritdoc/>
    public bool CanBind => true;

    /// <inheritdoc/>
    public uint? DmaBufSlotFlags => (uint)MemoryFlags.VfioDmabuf;

    /// <inheritdoc/>
    public SysResult PrepareBeforeRun(AssignedDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return _vdevices.Make(device);
    }

    /// <inheritdoc/>
    public SysResult Bind(AssignedDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        SysResult bound = Bind(device.Vdevice);
        if (bound.IsOk) device.IsBound = true;
        return bound;
    }

    /// <inheritdoc/>
    public SysResult Unbind(AssignedDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        SysResult result = Unbind(device.Vdevice);
        if (!result.IsOk) return result;
        device.IsBound = false;
        device.IsAcceptancePrepared = false;
        return result;
    }

    /// <inheritdoc/>
    public SysResult Request(AssignedDevice device, RequestKind kind, ReadOnlySpan<byte> request, Span<byte> response)
    {
        ArgumentNullException.ThrowIfNull(device);
        if (!device.IsBound) return Errno.ENXIO;
        SysResult residue = Request(device.Vdevice, kind, request, response);

        // The residue counts the room that is left, and where there is no room at all, what nobody read of the request.
        if (!residue.IsOk) return residue;
        if (response.IsEmpty) return SysResult.Of(0);
        return residue.Value <= response.Length ? SysResult.Of(response.Length - residue.Value) : Errno.EPROTO;
    }

    /// <inheritdoc/>
    public abstract SysResult Evidence(AssignedDevice device, EvidenceObject evidence, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> request, Span<byte> response);

    /// <summary>Binds the vDEVICE.</summary>
    protected abstract SysResult Bind(VdeviceId vdevice);

    /// <summary>Unbinds the vDEVICE.</summary>
    protected abstract SysResult Unbind(VdeviceId vdevice);

    /// <summary>Passes a request to the vDEVICE.</summary>
    /// <returns>The residue, or the errno.</returns>
    protected abstract SysResult Request(VdeviceId vdevice, RequestKind kind, ReadOnlySpan<byte> request, Span<byte> response);
}
