using System.Diagnostics.CodeAnalysis;
using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Linux;
using TeeIo.Linux.Kvm;
using TeeIo.Linux.Seed202505;
using TeeIo.Tsm;

namespace TeeIo.Vmm;

/// <summary>Profile <c>seed-2025-05</c>: VFIO binds and unbinds, IOMMUFD tunnels requests, vIOMMU and vDEVICE are made at the first bind.</summary>
/// <param name="transport">The kernel.</param>
/// <param name="iommufd">The iommufd.</param>
/// <param name="requestType">Format of the guest's requests.</param>
/// <param name="hub">Where the boundaries report.</param>
[Experimental(Seed202505Profile.ExperimentalId)]
public sealed class SeedUapi(IoctlTransport transport, Fd iommufd, uint requestType, CrossingHub hub) : ITrustedDeviceUapi
{
    private readonly VdeviceMaker _vdevices = new(transport, iommufd, hub);
    private readonly SeedIommufdClient _requests = new(transport, iommufd, hub);

    /// <inheritdoc/>
    public string Profile => Seed202505Profile.Name;

    /// <inheritdoc/>
    public bool CanBind => true;

    /// <inheritdoc/>
    public uint? DmaBufSlotFlags => (uint)MemoryFlags.VfioDmabuf;

    /// <inheritdoc/>
    public SysResult PrepareBeforeRun(AssignedDevice device) => SysResult.Ok;

    /// <inheritdoc/>
    public SysResult Bind(AssignedDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        if (_vdevices.Make(device) is { IsOk: false } failure) return failure;
        SysResult bound = Vfio(device).TryTsmBind(device.Vdevice);
        if (!bound.IsOk) return bound;
        device.IsBound = true;
        return SysResult.Ok;
    }

    /// <inheritdoc/>
    public SysResult Unbind(AssignedDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        SysResult result = Vfio(device).TryTsmUnbind();
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
        SysResult result = _requests.TryVdeviceTsmGuestRequest(
            device.Vdevice, (SeedGuestRequestType)requestType, out uint length, [], request, response);
        return !result.IsOk ? result : length <= response.Length ? SysResult.Of(length) : Errno.EPROTO;
    }

    /// <inheritdoc/>
    public SysResult Evidence(AssignedDevice device, EvidenceObject evidence, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> request, Span<byte> response) =>
        Request(device, RequestKind.Info, request, response);

    private SeedVfioDeviceClient Vfio(AssignedDevice device) => new(transport, device.File, hub);
}
