using TeeIo.Boundaries;
using TeeIo.Tsm;

namespace TeeIo.Vmm;

/// <summary>How a kernel profile binds, unbinds and serves a trusted device. The VMM knows no other way.</summary>
public interface ITrustedDeviceUapi
{
    /// <summary>Name of the profile.</summary>
    string Profile { get; }

    /// <summary>Whether the profile binds devices at all. Where it doesn't, a device can be used shared, and every other call here but <see cref="PrepareBeforeRun"/> is EOPNOTSUPP.</summary>
    bool CanBind { get; }

    /// <summary>KVM's memory flags of a slot that a VFIO dma-buf backs; null where the profile has no such slots.</summary>
    uint? DmaBufSlotFlags { get; }

    /// <summary>What the profile wants done once the device is attached and before the VM runs.</summary>
    SysResult PrepareBeforeRun(AssignedDevice device);

    /// <summary>Binds the device to the VM and locks it. A failure leaves what was there before.</summary>
    SysResult Bind(AssignedDevice device);

    /// <summary>Unbinds the device. Its vDEVICE stays.</summary>
    SysResult Unbind(AssignedDevice device);

    /// <summary>Passes a guest's request on.</summary>
    /// <returns>Bytes of the response, or the errno: EOPNOTSUPP where the profile has no request of that kind.</returns>
    SysResult Request(AssignedDevice device, RequestKind kind, ReadOnlySpan<byte> request, Span<byte> response);

    /// <summary>Reads an object of the evidence about the device; <paramref name="request"/> asks the host TSM for it where the profile has no way of its own.</summary>
    /// <returns>Bytes of the object, or the errno.</returns>
    SysResult Evidence(AssignedDevice device, EvidenceObject evidence, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> request, Span<byte> response);
}
