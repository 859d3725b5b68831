using TeeIo.Pci.Spdm;

namespace TeeIo.Guest.Attestation;

/// <summary>What a guest has collected about a device, in the forms that SPDM and TDISP give it.</summary>
/// <param name="Certificates">The certificate chain, with SPDM's header.</param>
/// <param name="Measurements">The record of measurement blocks.</param>
/// <param name="InterfaceReport">The interface report.</param>
public sealed record DeviceEvidence(ReadOnlyMemory<byte> Certificates, ReadOnlyMemory<byte> Measurements, ReadOnlyMemory<byte> InterfaceReport)
{
    /// <summary>Takes apart what a guest's TSM driver gives as <see cref="Tsm.EvidenceKind.DeviceInfo"/>: the chain, whose header says where it ends, and behind it the measurements.</summary>
    /// <returns>Null where the chain doesn't end inside.</returns>
    public static DeviceEvidence? Read(ReadOnlyMemory<byte> deviceInfo, ReadOnlyMemory<byte> interfaceReport)
    {
        if (!SpdmCertificateChain.TryRead(deviceInfo.Span, out SpdmCertificateChain head) || head.Length < SpdmCertificateChain.ByteSize || head.Length > (uint)deviceInfo.Length) return null;
        return new DeviceEvidence(deviceInfo[..(int)head.Length], deviceInfo[(int)head.Length..], interfaceReport);
    }
}
