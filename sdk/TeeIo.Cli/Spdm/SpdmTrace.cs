using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using TeeIo.Pci.IdeKm;
using TeeIo.Pci.Spdm;
using TeeIo.Pci.SpdmVendor;
using TeeIo.Pci.Tdisp;

namespace TeeIo.Cli.Spdm;

/// <summary>Writes a line for each message of a connection: session, direction, name, and what matters in it.</summary>
/// <param name="output">Where to.</param>
internal sealed class SpdmTrace(TextWriter output) : ISpdmTap
{
    public void Message(bool isRequest, uint sessionId, ReadOnlySpan<byte> message)
    {
        string session = sessionId == 0 ? "        " : sessionId.ToString("x8", CultureInfo.InvariantCulture);
        string name = SpdmHeader.TryRead(message, out SpdmHeader header) ? SpecName(header.Code) : "a message without a header";
        output.WriteLine($"{session} {(isRequest ? "->" : "<-")} {name,-28} {header.Version >> 4}.{header.Version & 0xF} {message.Length,5} bytes  {Detail(header, message)}".TrimEnd());
    }

    /// <summary>The name of a value as specifications spell it.</summary>
    public static string SpecName<T>(T value)
        where T : struct, Enum
    {
        string name = value.ToString();
        StringBuilder spelled = new();
        for (int i = 0; i < name.Length; i++)
        {
            if (i > 0 && char.IsUpper(name[i]) && !char.IsUpper(name[i - 1])) spelled.Append('_');
            spelled.Append(char.ToUpperInvariant(name[i]));
        }

        return spelled.ToString();
    }

    private static string Detail(SpdmHeader header, ReadOnlySpan<byte> message) => header.Code switch
    {
        SpdmMessage.Error => SpecName((SpdmErrorCode)header.Param1) + (header.Param2 == 0 ? "" : $" {header.Param2:x2}"),
        SpdmMessage.Version when SpdmVersion.TryRead(message, out SpdmVersion version) => Versions(message, version.EntryCount),
        SpdmMessage.GetCapabilities or SpdmMessage.Capabilities when SpdmCapabilitiesMessage.TryRead(message, out SpdmCapabilitiesMessage said) =>
            $"{said.Flags}; takes {said.DataTransferSize} bytes, in pieces {said.MaxMessageSize}",
        SpdmMessage.NegotiateAlgorithms when SpdmNegotiateAlgorithms14.TryRead(message, out SpdmNegotiateAlgorithms14 offer) => $"{offer.BaseAsym}; {offer.BaseHash}; {offer.OtherParams}",
        SpdmMessage.Algorithms when SpdmAlgorithms14.TryRead(message, out SpdmAlgorithms14 choice) => $"{choice.BaseAsym}; {choice.BaseHash}; {choice.MeasurementHash}; {choice.OtherParams}",
        SpdmMessage.Digests => $"slots {Convert.ToString(header.Param2, 2)}",
        SpdmMessage.GetCertificate when SpdmGetCertificate.TryRead(message, out SpdmGetCertificate asked) => $"slot {header.Param1 & SpdmConstants.SlotMask}, {asked.Length} bytes from {asked.Offset}",
        SpdmMessage.Certificate when SpdmCertificate.TryRead(message, out SpdmCertificate portion) => $"{portion.PortionLength} bytes, then {portion.RemainderLength}",
        SpdmMessage.GetMeasurements => (header.Param2 == SpdmConstants.AllMeasurements ? "all" : header.Param2 == 0 ? "how many" : $"index {header.Param2:x2}") + (header.Param1 == 0 ? "" : $", {(MeasurementAttributes)header.Param1}"),
        SpdmMessage.Measurements when SpdmMeasurements.TryRead(message, out SpdmMeasurements measured) =>
            header.Param1 > 0 ? $"{header.Param1} of them" : $"{measured.BlockCount} blocks, {measured.RecordLength} bytes",
        SpdmMessage.KeyExchange => $"slot {header.Param2}",
        SpdmMessage.KeyExchangeRsp => $"heartbeat {header.Param1} s",
        SpdmMessage.KeyUpdate or SpdmMessage.KeyUpdateAck => SpecName((KeyUpdateOperation)header.Param1),
        SpdmMessage.VendorDefinedRequest or SpdmMessage.VendorDefinedResponse => Vendor(message),
        _ => "",
    };

    private static string Versions(ReadOnlySpan<byte> message, int count)
    {
        StringBuilder versions = new();
        for (int i = 0; i < count && SpdmVersion.ByteSize + ((i + 1) * sizeof(ushort)) <= message.Length; i++)
        {
            ushort entry = BinaryPrimitives.ReadUInt16LittleEndian(message[(SpdmVersion.ByteSize + (i * sizeof(ushort)))..]);
            versions.Append(CultureInfo.InvariantCulture, $"{(i == 0 ? "" : ", ")}{entry >> 12}.{entry >> 8 & 0xF}");
        }

        return versions.ToString();
    }

    private static string Vendor(ReadOnlySpan<byte> message)
    {
        if (!SpdmVendorMessage.TryUnwrap(message, out PciProtocol protocol, out ReadOnlySpan<byte> inside)) return "not PCI-SIG's";
        if (protocol == PciProtocol.Tdisp && TdispHeader.TryRead(inside, out TdispHeader tdisp)) return $"TDISP {SpecName(tdisp.MessageType)}";
        return protocol == PciProtocol.IdeKm && IdeKmHeader.TryRead(inside, out IdeKmHeader keys) ? $"IDE_KM {SpecName(keys.ObjectId)}" : protocol.ToString();
    }
}
