using TeeIo.Tdx.DevInfo;

namespace TeeIo.Tdx.Host;

/// <summary>What the module found out about a device when it connected, taken apart.</summary>
/// <param name="Certificates">The certificate chain.</param>
/// <param name="Measurements">The measurement record.</param>
internal sealed record DeviceInformation(byte[] Certificates, byte[] Measurements)
{
    /// <summary>Takes the module's record apart; null where its parts aren't the whole of it.</summary>
    public static DeviceInformation? Read(ReadOnlySpan<byte> record)
    {
        if (!TdxDevInfo.TryRead(record, out TdxDevInfo header)) return null;
        ReadOnlySpan<byte> parts = record[TdxDevInfo.ByteSize..];
        if ((ulong)header.CertificatesLength + header.MeasurementsLength != (ulong)parts.Length) return null;
        return new DeviceInformation(parts[..(int)header.CertificatesLength].ToArray(), parts[(int)header.CertificatesLength..].ToArray());
    }
}
