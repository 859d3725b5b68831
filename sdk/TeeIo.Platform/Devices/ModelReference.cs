using System.Buffers.Binary;
using System.Collections.Immutable;
using TeeIo.Guest.Attestation;
using TeeIo.Pci.ModelDevice;
using TeeIo.Pci.Spdm;
using TeeIo.Pci.Tdisp;

namespace TeeIo.Platform.Devices;

/// <summary>What whoever makes model devices tells of them: their root, what they measure, and what their interface is.</summary>
public static class ModelReference
{
    /// <summary>The security version of their firmware.</summary>
    internal const ulong SecurityVersion = 3;

    /// <summary>The policy that trusts a model device and nothing else.</summary>
    public static AttestationPolicy Policy { get; } = new()
    {
        Roots = [new TrustedRoot(ModelAuthority.Root)],
        Device = new DeviceRule { Name = ModelAuthority.DeviceName("*") },
        Measurements = new MeasurementRule { Manifest = [.. ModelIdentity.Measurements.Where(measurement => measurement.Type != MeasurementType.DeviceMode).Select(Reference)] },
        Report = new ReportRule
        {
            Requires = [InterfaceInfo.NoUpdateAfterLock, InterfaceInfo.DmaWithoutPasid],
            Forbids = [InterfaceInfo.DmaWithPasid, InterfaceInfo.Ats, InterfaceInfo.Prs],
            Ranges =
            [
                Range(ModelDeviceConstants.RegisterPage, 1 + ModelDeviceConstants.DataPages),
                Range(ModelDeviceConstants.OpenPage, 1, MmioAttributes.IsNonTeeMem),
                Range(ModelDeviceConstants.MsixTablePage, 1, MmioAttributes.MsixTable, MmioAttributes.IsNonTeeMem),
                Range(ModelDeviceConstants.MsixPbaPage, 1, MmioAttributes.MsixPba, MmioAttributes.IsNonTeeMem),
            ],
            DeviceInfo = [Information()],
        },
    };

    private static ReferenceMeasurement Reference(SpdmMeasurement measurement)
    {
        var reference = new ReferenceMeasurement { Index = measurement.Index, Type = measurement.Type };
        return measurement.Type == MeasurementType.SecureVersionNumber
            ? reference with { LeastVersion = SecurityVersion }
            : reference with { Hash = MeasurementHash.Sha384, Digests = [SpdmHash.Sha384.Digest(measurement.Content.Span)] };
    }

    private static ReferenceRange Range(int page, int pages, params ImmutableArray<MmioAttributes> attributes) =>
        new() { Id = ModelDeviceConstants.MmioBar, Offset = (ulong)(page - ModelDeviceConstants.RegisterPage), Pages = (uint)pages, Attributes = attributes };

    private static byte[] Information()
    {
        byte[] information = new byte[2 * sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(information, ModelDeviceConstants.Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(information.AsSpan(sizeof(uint)), ModelDeviceConstants.Revision);
        return information;
    }
}
