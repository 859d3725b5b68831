using System.Collections.Immutable;
using TeeIo.Pci.Spdm;

namespace TeeIo.Guest.Attestation;

/// <summary>What a device has to be made of: its reference manifest.</summary>
public sealed record MeasurementRule
{
    private const string Place = "measurements";

    /// <summary>The measurements that are known. Each has to be there, but for those that say otherwise.</summary>
    public ImmutableArray<ReferenceMeasurement> Manifest { get; init; } = [];

    /// <summary>Whether there may be measurements that the manifest doesn't name; whatever they say.</summary>
    public bool AllowsOthers { get; init; }

    /// <summary>What the device's mode has to be. The measurement that tells of it needs no entry of the manifest.</summary>
    public DeviceModeRule DeviceMode { get; init; }

    internal AttestationRefusal? Judge(ReadOnlyMemory<byte> record)
    {
        if (record.IsEmpty || !SpdmMeasurement.TryRead(record, out List<SpdmMeasurement> found)) return new(Place, "measurement blocks of DMTF's format", $"{record.Length} bytes that aren't");
        if (found.CountBy(measurement => measurement.Index).FirstOrDefault(index => index.Value > 1) is { Value: > 1 } twice) return new(Place, "one block", $"{twice.Value}", twice.Key);
        foreach (ReferenceMeasurement reference in Manifest)
        {
            SpdmMeasurement? measurement = found.FirstOrDefault(candidate => candidate.Index == reference.Index);
            if ((measurement is null ? reference.Missing() : reference.Judge(measurement)) is { } refusal) return refusal;
        }

        List<SpdmMeasurement> modes = [.. found.Where(measurement => DeviceMode != DeviceModeRule.Ignored && (measurement.Type == MeasurementType.DeviceMode || measurement.Index == SpdmConstants.DeviceModeIndex))];
        SpdmMeasurement? other = AllowsOthers ? null : found.Except(modes).FirstOrDefault(measurement => Manifest.All(reference => reference.Index != measurement.Index));
        if (other is not null) return new(Place + ".allowsOthers", "no measurement beyond the manifest", other.Describe(), other.Index);
        if (modes.Count == 0 && DeviceMode == DeviceModeRule.Required) return new(Place + ".deviceMode", "a measurement of the device's mode", "none");
        return modes.Select(JudgeMode).FirstOrDefault(refusal => refusal is not null);
    }

    private static AttestationRefusal? JudgeMode(SpdmMeasurement measurement)
    {
        const DeviceMode Debugged = Pci.Spdm.DeviceMode.NonInvasiveDebugActive | Pci.Spdm.DeviceMode.InvasiveDebugActive | Pci.Spdm.DeviceMode.NonInvasiveDebugHasBeen | Pci.Spdm.DeviceMode.InvasiveDebugHasBeen;
        const string Expected = "normal operation, and no debugging since the device's reset";
        bool isMode = measurement is { Index: SpdmConstants.DeviceModeIndex, Type: MeasurementType.DeviceMode, IsRaw: true, Content.Length: SpdmDeviceMode.ByteSize };
        if (!isMode || !SpdmDeviceMode.TryRead(measurement.Content.Span, out SpdmDeviceMode mode)) return new(Place + ".deviceMode", Expected, measurement.Describe(), measurement.Index);
        if (mode.OperationalState == OperationalMode.Normal && (mode.DeviceState & Debugged) == 0) return null;
        return new(Place + ".deviceMode", Expected, $"{mode.OperationalState}; {mode.DeviceState}", measurement.Index);
    }
}
