using TeeIo.Pci.Spdm;
using TeeIo.Sev.Psp;
using FirmwareHash = TeeIo.Sev.Psp.SpdmHash;

namespace TeeIo.Sev.Firmware.Devices;

/// <summary>What a session was settled on, in the firmware's own numbers.</summary>
internal static class SessionAlgorithms
{
    /// <summary>The numbers of a session's algorithms.</summary>
    /// <returns>Null where one has no number, so that the firmware can't have chosen it.</returns>
    public static SpdmAlgos? Of(SpdmSuite? suite)
    {
        SpdmDhe? group = suite?.Group?.Algorithm switch { DheGroup.Secp256R1 => SpdmDhe.Secp256r1, DheGroup.Secp384R1 => SpdmDhe.Secp384r1, _ => null };
        SpdmAead? cipher = suite?.Cipher switch { AeadSuite.Aes128Gcm => SpdmAead.Aes128Gcm, AeadSuite.Aes256Gcm => SpdmAead.Aes256Gcm, _ => null };
        SpdmAsym? signature = suite?.Signature?.Algorithm switch
        {
            BaseAsym.Rsassa3072 => SpdmAsym.Rsassa3072,
            BaseAsym.EcdsaP256 => SpdmAsym.EcdsaP256,
            BaseAsym.EcdsaP384 => SpdmAsym.EcdsaP384,
            _ => null,
        };
        FirmwareHash? hash = suite?.Hash.Algorithm switch { BaseHash.Sha256 => FirmwareHash.Sha256, BaseHash.Sha384 => FirmwareHash.Sha384, _ => null };
        return (group, cipher, signature, hash) is ({ } dhe, { } aead, { } asym, { } digest) ? new SpdmAlgos { Dhe = dhe, Aead = aead, Asym = asym, Hash = digest } : null;
    }
}
