using System.Collections.Immutable;

namespace TeeIo.Guest.Attestation;

/// <summary>A policy of rules: whose certificates, which firmware, in which mode, with which interface. What a rule isn't given for isn't trusted. As a file: <see cref="AttestationPolicyFile"/>.</summary>
public sealed record AttestationPolicy : IAttestationPolicy
{
    /// <summary>The roots that a device's chain may lead to.</summary>
    public required ImmutableArray<TrustedRoot> Roots { get; init; }

    /// <summary>Who the device has to be.</summary>
    public DeviceRule Device { get; init; } = new();

    /// <summary>By which algorithms it may prove that.</summary>
    public AlgorithmRule Algorithms { get; init; } = new();

    /// <summary>What it has to be made of.</summary>
    public required MeasurementRule Measurements { get; init; }

    /// <summary>What its interface has to be.</summary>
    public ReportRule Report { get; init; } = new();

    /// <inheritdoc/>
    public AttestationRefusal? Judge(DeviceEvidence evidence, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(evidence);
        ArgumentNullException.ThrowIfNull(clock);
        if (DeviceCertificate.Verify(evidence.Certificates, Roots, Algorithms, clock, out AttestationRefusal? refusal) is not { } certificate) return refusal;
        return Device.Judge(certificate) ?? Measurements.Judge(evidence.Measurements) ?? Report.Judge(evidence.InterfaceReport.Span);
    }
}
