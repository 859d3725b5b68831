namespace TeeIo.Guest;

/// <summary>Judges evidence that is known to be genuine: is this a device that the guest wants to trust?</summary>
public interface IAttestationPolicy
{
    /// <summary>Judges a device.</summary>
    /// <param name="device">The device.</param>
    /// <param name="deviceInfo">Certificate chain and measurements, as the firmware vouches for them in this bind.</param>
    /// <param name="interfaceReport">The TDI's interface report, as the firmware vouches for it in this bind.</param>
    /// <returns>Null to trust it, or the reason not to.</returns>
    string? Refuse(GuestDevice device, ReadOnlySpan<byte> deviceInfo, ReadOnlySpan<byte> interfaceReport);
}
