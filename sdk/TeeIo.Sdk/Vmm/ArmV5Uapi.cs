using System.Diagnostics.CodeAnalysis;
using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Linux.ArmV5;
using TeeIo.Linux.Iommufd;
using TeeIo.Tsm;

namespace TeeIo.Vmm;

/// <summary>Profile <c>arm-v5</c>: IOMMUFD binds the vDEVICE; a request names its scope, and evidence is a request that only reads.</summary>
/// <param name="transport">The kernel.</param>
/// <param name="iommufd">The iommufd.</param>
/// <param name="hub">Where the boundaries report.</param>
[Experimental(ArmV5Profile.ExperimentalId)]
public sealed class ArmV5Uapi(IoctlTransport transport, Fd iommufd, CrossingHub hub) : VdeviceUapi(transport, iommufd, hub)
{
    private readonly ArmV5IommufdClient _client = new(transport, iommufd, hub);

    /// <inheritdoc/>
    public override string Profile => ArmV5Profile.Name;

    /// <inheritdoc/>
    public override SysResult Evidence(AssignedDevice device, EvidenceObject evidence, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> request, Span<byte> response) =>
        Request(device, RequestKind.Info, request, response);

    /// <inheritdoc/>
    protected override SysResult Bind(VdeviceId vdevice) => _client.TryVdeviceTsmOp(TsmOpType.Bind, vdevice);

    /// <inheritdoc/>
    protected override SysResult Unbind(VdeviceId vdevice) => _client.TryVdeviceTsmOp(TsmOpType.Unbind, vdevice);

    /// <inheritdoc/>
    protected override SysResult Request(VdeviceId vdevice, RequestKind kind, ReadOnlySpan<byte> request, Span<byte> response) =>
        _client.TryVdeviceTsmReq(vdevice, kind == RequestKind.Info ? TsmReqScope.Info : TsmReqScope.StateChange, request, response, out _);
}
