using System.Buffers.Binary;

namespace TeeIo.Pci.Spdm;

/// <summary>The messages in which both ends settle on what they use: always the same, as this implementation knows one suite.</summary>
internal static class SpdmNegotiation
{
    public const SpdmCapabilities Requester = SpdmCapabilities.CertCap | SpdmCapabilities.EncryptCap | SpdmCapabilities.MacCap | SpdmCapabilities.KeyExCap
        | SpdmCapabilities.HbeatCap | SpdmCapabilities.KeyUpdCap;

    public const SpdmCapabilities Responder = Requester | SpdmCapabilities.MeasCapSig;

    private const int TableCount = 3;

    public static byte[] Header(SpdmMessage code, byte param1 = 0, byte param2 = 0, byte version = SpdmConstants.Version12) => [version, (byte)code, param1, param2];

    public static byte[] Capabilities(SpdmMessage code, SpdmCapabilities flags, uint dataTransferSize)
    {
        byte[] message = new byte[SpdmCapabilitiesMessage.ByteSize];
        new SpdmCapabilitiesMessage
        {
            Header = new SpdmHeader { Version = SpdmConstants.Version12, Code = code },
            Flags = flags,
            DataTransferSize = dataTransferSize,
            MaxMessageSize = dataTransferSize,
        }.Write(message);
        return message;
    }

    public static byte[] Offer()
    {
        byte[] message = new byte[SpdmNegotiateAlgorithms.ByteSize + (TableCount * SpdmAlgorithmTable.ByteSize)];
        new SpdmNegotiateAlgorithms
        {
            Header = new SpdmHeader { Version = SpdmConstants.Version12, Code = SpdmMessage.NegotiateAlgorithms, Param1 = TableCount },
            Length = (ushort)message.Length,
            MeasurementSpecification = SpdmConstants.MeasurementSpecificationDmtf,
            OtherParams = OtherParams.OpaqueDataFmt1,
            BaseAsym = BaseAsym.EcdsaP384,
            BaseHash = BaseHash.Sha384,
        }.Write(message);
        WriteTables(message.AsSpan(SpdmNegotiateAlgorithms.ByteSize));
        return message;
    }

    public static byte[] Choice()
    {
        byte[] message = new byte[SpdmAlgorithms.ByteSize + (TableCount * SpdmAlgorithmTable.ByteSize)];
        new SpdmAlgorithms
        {
            Header = new SpdmHeader { Version = SpdmConstants.Version12, Code = SpdmMessage.Algorithms, Param1 = TableCount },
            Length = (ushort)message.Length,
            MeasurementSpecification = SpdmConstants.MeasurementSpecificationDmtf,
            OtherParams = OtherParams.OpaqueDataFmt1,
            MeasurementHash = MeasurementHash.Sha384,
            BaseAsym = BaseAsym.EcdsaP384,
            BaseHash = BaseHash.Sha384,
        }.Write(message);
        WriteTables(message.AsSpan(SpdmAlgorithms.ByteSize));
        return message;
    }

    public static byte[] OfferVersions()
    {
        ReadOnlySpan<ushort> versions = [SpdmConstants.SecuredVersion11, SpdmConstants.SecuredVersion12];
        int length = SpdmSupportedVersions.ByteSize + (versions.Length * sizeof(ushort));
        byte[] opaque = new byte[(length + SpdmConstants.OpaqueAlignment - 1) & -SpdmConstants.OpaqueAlignment];
        int dataLength = length - SpdmOpaqueData.ByteSize + DataIdSize;
        new SpdmSupportedVersions { Opaque = Element(OpaqueDataId.SupportedVersions, dataLength), VersionCount = (byte)versions.Length }.Write(opaque);
        for (int i = 0; i < versions.Length; i++) BinaryPrimitives.WriteUInt16LittleEndian(opaque.AsSpan(SpdmSupportedVersions.ByteSize + (i * sizeof(ushort))), versions[i]);
        return opaque;
    }

    public static byte[] ChooseVersion()
    {
        byte[] opaque = new byte[SpdmVersionSelection.ByteSize];
        new SpdmVersionSelection { Opaque = Element(OpaqueDataId.VersionSelection, sizeof(ushort) + DataIdSize), Version = SpdmConstants.SecuredVersion12 }.Write(opaque);
        return opaque;
    }

    /// <summary>Whether a requester's opaque data offers the version of records that this implementation has.</summary>
    public static bool OffersVersion(ReadOnlySpan<byte> opaque)
    {
        if (!SpdmSupportedVersions.TryRead(opaque, out SpdmSupportedVersions offer) || !IsElement(offer.Opaque, OpaqueDataId.SupportedVersions)) return false;
        ReadOnlySpan<byte> versions = opaque[SpdmSupportedVersions.ByteSize..];
        if (versions.Length < offer.VersionCount * sizeof(ushort)) return false;
        for (int i = 0; i < offer.VersionCount; i++)
        {
            if (BinaryPrimitives.ReadUInt16LittleEndian(versions[(i * sizeof(ushort))..]) == SpdmConstants.SecuredVersion12) return true;
        }

        return false;
    }

    /// <summary>Whether a responder's opaque data selects that version.</summary>
    public static bool SelectsVersion(ReadOnlySpan<byte> opaque) =>
        SpdmVersionSelection.TryRead(opaque, out SpdmVersionSelection selection) && IsElement(selection.Opaque, OpaqueDataId.VersionSelection)
        && selection.Version == SpdmConstants.SecuredVersion12;

    /// <summary>Bytes of the data's version and id, which count as data.</summary>
    private const int DataIdSize = 2;

    private static SpdmOpaqueData Element(OpaqueDataId id, int dataLength) => new() { ElementCount = 1, DataLength = (ushort)dataLength, DataVersion = 1, DataId = id };

    private static bool IsElement(in SpdmOpaqueData element, OpaqueDataId id) =>
        element is { ElementCount: 1, Registry: 0, VendorLength: 0, DataVersion: 1 } && element.DataId == id;

    private static void WriteTables(Span<byte> destination)
    {
        Table(AlgorithmType.Dhe, (ushort)DheGroup.Secp384R1).Write(destination);
        Table(AlgorithmType.Aead, (ushort)AeadSuite.Aes256Gcm).Write(destination[SpdmAlgorithmTable.ByteSize..]);
        Table(AlgorithmType.KeySchedule, (ushort)KeySchedule.Spdm).Write(destination[(2 * SpdmAlgorithmTable.ByteSize)..]);
    }

    private static SpdmAlgorithmTable Table(AlgorithmType type, ushort mask) => new() { Type = type, Count = SpdmConstants.TableFixedCount, Mask = mask };
}
