using TeeIo.Sev.Psp;

namespace TeeIo.Sev.Guest;

/// <summary>What the firmware vouches for about a TDI.</summary>
/// <param name="Status">Whether it is bound to this guest.</param>
/// <param name="Measurements">What the digest of the measurements is worth.</param>
/// <param name="CertificatesDigest">Digest of the certificates.</param>
/// <param name="MeasurementsDigest">Digest of the measurements.</param>
/// <param name="ReportDigest">Digest of the interface report.</param>
/// <param name="ReportCount">How often a report was made.</param>
internal sealed record TdiDescription(
    TdiBindStatus Status, TdiMeasFlags Measurements, byte[] CertificatesDigest, byte[] MeasurementsDigest, byte[] ReportDigest, ulong ReportCount);
