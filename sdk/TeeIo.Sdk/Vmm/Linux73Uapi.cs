using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Tsm;

namespace TeeIo.Vmm;

/// <summary>Profile <c>linux-7.3</c>: the kernel as released. It can't bind a device; the guest uses it shared.</summary>
public sealed class Linux73Uapi : ITrustedDeviceUapi
{
    /// <inheritdoc/>
    public string Profile => "linux-7.3";

    /// <inheritdoc/>
    public bool CanBind => false;

    /// <inheritdoc/>
    public uint? DmaBufSlotFlags => null;

    /// <inheritdoc/>
    public SysResult PrepareBeforeRun(AssignedDevice device) => SysResult.Ok;

    /// <inheritdoc/>
    public SysResult Bind(AssignedDevice device) => Errno.EOPNOTSUPP;

    /// <inheritdoc/>
    public SysResult Unbind(AssignedDevice device) => Errno.EOPNOTSUPP;

    /// <inheritdoc/>
    public SysResult Request(AssignedDevice device, RequestKind kind, ReadOnlySpan<byte> request, Span<byte> response) => Errno.EOPNOTSUPP;

    /// <inheritdoc/>
    public SysResult Evidence(AssignedDevice device, EvidenceObject evidence, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> request, Span<byte> response) => Errno.EOPNOTSUPP;
}
