namespace TeeIo.Pci.Spdm;

/// <summary>What both ends have settled on.</summary>
/// <param name="Version">The version of SPDM.</param>
/// <param name="Hash">The base hash algorithm.</param>
/// <param name="Signature">The responder's signature algorithm; null where it has no certificate.</param>
/// <param name="Group">The group of the key exchange; null without key exchange.</param>
/// <param name="Cipher">The cipher of the records; 0 without sessions.</param>
/// <param name="MeasurementHash">The hash algorithm of measurements; null where they are raw, or there are none.</param>
public sealed record SpdmSuite(byte Version, SpdmHash Hash, SpdmSignatureAlgorithm? Signature, SpdmGroup? Group, AeadSuite Cipher, SpdmHash? MeasurementHash)
{
    /// <summary>The requester's signature algorithm; null where it doesn't authenticate itself.</summary>
    public SpdmSignatureAlgorithm? RequesterSignature { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"SPDM {Version >> 4}.{Version & 0xF}, {Hash}, {Signature}, {Group}, {Cipher}";
}
