using TeeIo.Sev.Psp;

namespace TeeIo.Sev.Firmware.Devices;

/// <summary>Makes the data objects that commands give.</summary>
internal static class DataObject
{
    public static SpdmDobjHdr Header(DobjId id, int length) => new()
    {
        Id = id,
        Length = (uint)length,
        VersionMajor = TioFirmwareConstants.DobjVersionMajor,
        VersionMinor = TioFirmwareConstants.DobjVersionMinor,
    };

    /// <summary>An object of an output buffer around <paramref name="data"/>.</summary>
    public static byte[] Create(DobjId id, DeviceContext device, ReadOnlySpan<byte> data)
    {
        byte[] content = new byte[SpdmDobjHdrOutput.ByteSize + data.Length];
        new SpdmDobjHdrOutput
        {
            Hdr = Header(id, content.Length),
            DeviceId = device.DeviceId,
            SegmentId = device.SegmentId,
            Type = id == DobjId.Measurement ? (byte)TioFirmwareConstants.DobjMeasurement : (byte)TioFirmwareConstants.DobjData,
        }.Write(content);
        data.CopyTo(content.AsSpan(SpdmDobjHdrOutput.ByteSize));
        return content;
    }
}
