using TeeIo.Pci.Spdm;

namespace TeeIo.Guest.Attestation;

/// <summary>A measurement in words.</summary>
internal static class MeasurementText
{
    /// <summary>Says what was measured and what came of it.</summary>
    public static string Describe(this SpdmMeasurement measurement) =>
        $"{measurement.Type}, {(measurement.IsRaw ? "the value" : "the digest")} {Convert.ToHexStringLower(measurement.Content.Span)}";
}
