using System.Diagnostics.CodeAnalysis;
using System.Text;
using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Linux;
using TeeIo.Linux.Iommufd;
using TeeIo.Linux.Next;
using TeeIo.Tsm;
using TeeIo.Tsm.Evidence;

namespace TeeIo.Vmm;

/// <summary>Profile <c>next</c>: IOMMUFD binds the vDEVICE; a request names its operation and the VM's architecture, and evidence comes by netlink.</summary>
/// <param name="transport">The kernel.</param>
/// <param name="iommufd">The iommufd.</param>
/// <param name="architecture">The VM's architecture, as requests name it.</param>
/// <param name="ownOperation">The operation that the architecture has of its own for a kind of request, or null.</param>
/// <param name="evidence">The TSM core's netlink family.</param>
/// <param name="hub">Where the boundaries report.</param>
[Experimental(NextProfile.ExperimentalId)]
public sealed class NextUapi(
    IoctlTransport transport, Fd iommufd, uint architecture, Func<RequestKind, uint?> ownOperation, IEvidenceNetlink evidence, CrossingHub hub) : VdeviceUapi(transport, iommufd, hub)
{
    private readonly NextIommufdClient _client = new(transport, iommufd, hub);
    private readonly EvidenceNetlinkBoundary _evidence = new(evidence, hub, null);

    /// <inheritdoc/>
    public override string Profile => NextProfile.Name;

    /// <inheritdoc/>
    /// <returns>ENODEV also where nobody told the VMM under which name the host knows the device.</returns>
    public override SysResult Evidence(AssignedDevice device, EvidenceObject evidence, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> request, Span<byte> response)
    {
        ArgumentNullException.ThrowIfNull(device);
        if (!device.IsBound) return Errno.ENXIO;
        return device.HostName is { } name ? _evidence.Read(Encoding.UTF8.GetBytes(name), evidence, nonce, response) : Errno.ENODEV;
    }

    /// <inheritdoc/>
    protected override SysResult Bind(VdeviceId vdevice) => _client.TryVdeviceTsmOp(TsmOpType.Bind, vdevice);

    /// <inheritdoc/>
    protected override SysResult Unbind(VdeviceId vdevice) => _client.TryVdeviceTsmOp(TsmOpType.Unbind, vdevice);

    /// <inheritdoc/>
    protected override SysResult Request(VdeviceId vdevice, RequestKind kind, ReadOnlySpan<byte> request, Span<byte> response) =>
        OperationOf(kind) is { } operation ? _client.TryVdeviceTsmReq(vdevice, operation, (TvmArch)architecture, request, response, out _) : Errno.EOPNOTSUPP;

    /// <summary>The operation that a request of a kind names; null where the architecture has none.</summary>
    private TsmReqOp? OperationOf(RequestKind kind) => kind switch
    {
        RequestKind.ValidateMmio => TsmReqOp.ValidateMmio,
        RequestKind.SetTdiState => TsmReqOp.SetTdiState,
        _ => (TsmReqOp?)ownOperation(kind),
    };
}
