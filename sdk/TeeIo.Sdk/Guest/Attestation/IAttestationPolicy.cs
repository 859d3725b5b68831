namespace TeeIo.Guest.Attestation;

/// <summary>Judges evidence that the vendor's driver has found genuine: is this a device that the guest wants to trust?</summary>
public interface IAttestationPolicy
{
    /// <summary>Judges a device.</summary>
    /// <param name="evidence">What the firmware vouches for in this bind. What is in it is the device's word, and may be anything.</param>
    /// <param name="clock">The guest's clock, by which certificates have to be valid.</param>
    /// <returns>Null to trust it, or why not.</returns>
    AttestationRefusal? Judge(DeviceEvidence evidence, TimeProvider clock);
}
