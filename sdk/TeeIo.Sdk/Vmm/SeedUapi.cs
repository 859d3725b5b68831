using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Linux;
using TeeIo.Linux.Iommufd;
using TeeIo.Linux.Seed202505;
using TeeIo.Tsm;

namespace TeeIo.Vmm;

/// <summary>Profile <c>seed-2025-05</c>: VFIO binds and unbinds, IOMMUFD tunnels requests, vIOMMU and vDEVICE are made at the first bind.</summary>
/// <param name="transport">The kernel.</param>
/// <param name="iommufd">The iommufd.</param>
/// <param name="requestType">Format of the guest's requests.</param>
/// <param name="hub">Where the boundaries report.</param>
public sealed class SeedUapi(IoctlTransport transport, Fd iommufd, uint requestType, CrossingHub hub) : ITrustedDeviceUapi
{
    private readonly IommufdClient _iommufd = new(transport, iommufd, hub);
    private readonly SeedIommufdClient _requests = new(transport, iommufd, hub);

    /// <inheritdoc/>
    public string Profile => "seed-2025-05";

    /// <inheritdoc/>
    public uint? DmaBufSlotFlags => (uint)SeedMemoryFlags.VfioDmabuf;

    /// <inheritdoc/>
    public SysResult PrepareBeforeRun(AssignedDevice device) => SysResult.Ok;

    /// <inheritdoc/>
    public SysResult Bind(AssignedDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        if (MakeVdevice(device) is { IsOk: false } failure) return failure;
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
    public SysResult Evidence(AssignedDevice device, EvidenceObject evidence, ReadOnlySpan<byte> request, Span<byte> response) =>
        Request(device, RequestKind.Info, request, response);

    private SeedVfioDeviceClient Vfio(AssignedDevice device) => new(transport, device.File, hub);

    private SysResult MakeVdevice(AssignedDevice device)
    {
        if (device.Viommu.Value == 0)
        {
            SysResult made = _iommufd.TryViommuAlloc((ViommuType)(uint)SeedViommuType.Tsm, device.Id, device.Hwpt, out ViommuId viommu, []);
            if (!made.IsOk) return made;
            device.Viommu = viommu;
        }

        if (device.Vdevice.Value != 0) return SysResult.Ok;
        SysResult result = _iommufd.TryVdeviceAlloc(device.Viommu, device.Id, out VdeviceId vdevice, device.GuestRequesterId);
        if (result.IsOk)
        {
            device.Vdevice = vdevice;
            return SysResult.Ok;
        }

        _iommufd.TryDestroy(device.Viommu);
        device.Viommu = default;
        return result;
    }
}
