using System.Buffers.Binary;

namespace TeeIo.Pci.Spdm;

/// <summary>Opaque data as they are about secured messages: the versions that the requester offers, and the one that the responder chose.</summary>
internal static class SpdmOpaque
{
    private static readonly ushort[] _versions = [SpdmConstants.SecuredVersion11, SpdmConstants.SecuredVersion12];

    /// <summary>Bytes of the offer.</summary>
    public static int OfferLength(byte version) => Length(version, SpdmSupportedVersions.ByteSize + (_versions.Length * sizeof(ushort)));

    /// <summary>Bytes of the choice.</summary>
    public static int ChoiceLength(byte version) => Length(version, SpdmVersionSelection.ByteSize);

    /// <summary>Appends the offer.</summary>
    /// <param name="message">The message.</param>
    /// <param name="version">The negotiated version.</param>
    /// <param name="isCounted">Whether its length comes first.</param>
    public static void WriteOffer(SpdmWriter message, byte version, bool isCounted = true)
    {
        Span<byte> data = stackalloc byte[SpdmSupportedVersions.ByteSize + (_versions.Length * sizeof(ushort))];
        new SpdmSupportedVersions { Data = Data(OpaqueDataId.SupportedVersions), VersionCount = (byte)_versions.Length }.Write(data);
        for (int i = 0; i < _versions.Length; i++) BinaryPrimitives.WriteUInt16LittleEndian(data[(SpdmSupportedVersions.ByteSize + (i * sizeof(ushort)))..], _versions[i]);
        Write(message, version, data, isCounted);
    }

    /// <summary>Appends the choice.</summary>
    /// <param name="message">The message.</param>
    /// <param name="version">The negotiated version.</param>
    /// <param name="choice">The version of records that was chosen.</param>
    /// <param name="isCounted">Whether its length comes first.</param>
    public static void WriteChoice(SpdmWriter message, byte version, ushort choice, bool isCounted = true)
    {
        Span<byte> data = stackalloc byte[SpdmVersionSelection.ByteSize];
        new SpdmVersionSelection { Data = Data(OpaqueDataId.VersionSelection), Version = choice }.Write(data);
        Write(message, version, data, isCounted);
    }

    /// <summary>The highest version that the offer and this implementation have; null where there is none.</summary>
    public static ushort? Choose(ReadOnlySpan<byte> opaque, byte version)
    {
        if (!TryFind(opaque, version, OpaqueDataId.SupportedVersions, out ReadOnlySpan<byte> data) || !SpdmSupportedVersions.TryRead(data, out SpdmSupportedVersions offer)) return null;
        ReadOnlySpan<byte> versions = data[SpdmSupportedVersions.ByteSize..];
        if (versions.Length < offer.VersionCount * sizeof(ushort)) return null;
        for (int known = _versions.Length - 1; known >= 0; known--)
        {
            for (int i = 0; i < offer.VersionCount; i++)
            {
                if (IsSame(BinaryPrimitives.ReadUInt16LittleEndian(versions[(i * sizeof(ushort))..]), _versions[known])) return _versions[known];
            }
        }

        return null;
    }

    /// <summary>Whether the choice is a version that was offered.</summary>
    public static bool IsChoice(ReadOnlySpan<byte> opaque, byte version) =>
        TryFind(opaque, version, OpaqueDataId.VersionSelection, out ReadOnlySpan<byte> data) && SpdmVersionSelection.TryRead(data, out SpdmVersionSelection selection)
        && Array.Exists(_versions, offered => IsSame(offered, selection.Version));

    /// <summary>Whether two versions differ in their low bits only, which tell updates.</summary>
    private static bool IsSame(ushort one, ushort other) => one >> 8 == other >> 8;

    private static SpdmSecuredData Data(OpaqueDataId id) => new() { DataVersion = SpdmConstants.OpaqueVersion, DataId = id };

    private static int Padded(int length) => (length + SpdmConstants.OpaqueAlignment - 1) & -SpdmConstants.OpaqueAlignment;

    private static int HeadSize(byte version) => version < SpdmConstants.Version12 ? SpdmOpaqueHead11.ByteSize : SpdmOpaqueHead.ByteSize;

    private static int Length(byte version, int dataLength) => HeadSize(version) + Padded(SpdmOpaqueElement.ByteSize + dataLength);

    private static void Write(SpdmWriter message, byte version, ReadOnlySpan<byte> data, bool isCounted)
    {
        bool isOld = version < SpdmConstants.Version12;
        int headSize = HeadSize(version);
        int length = Length(version, data.Length);
        if (isCounted) message.WriteUInt16(length);
        Span<byte> opaque = message.Take(length);
        opaque.Clear();
        if (isOld) new SpdmOpaqueHead11 { SpecId = SpdmConstants.OpaqueSpecId, Version = SpdmConstants.OpaqueVersion, ElementCount = 1 }.Write(opaque);
        else new SpdmOpaqueHead { ElementCount = 1 }.Write(opaque);
        new SpdmOpaqueElement { DataLength = (ushort)data.Length }.Write(opaque[headSize..]);
        data.CopyTo(opaque[(headSize + SpdmOpaqueElement.ByteSize)..]);
    }

    /// <summary>Finds DMTF's data of an id; other elements are passed over.</summary>
    private static bool TryFind(ReadOnlySpan<byte> opaque, byte version, OpaqueDataId id, out ReadOnlySpan<byte> data)
    {
        data = default;
        if (!TryReadHead(opaque, version, out int count, out int headSize)) return false;
        SpdmReader reader = new(opaque[headSize..]);
        for (int i = 0; i < count; i++)
        {
            int start = reader.Position;
            if (!reader.TryTake(2, out ReadOnlySpan<byte> owner) || !reader.TrySkip(owner[1]) || !reader.TryTakeCounted(out ReadOnlySpan<byte> content)) return false;
            int length = reader.Position - start;
            reader.TrySkip(Padded(length) - length);
            bool isDmtf = owner[0] == 0 && owner[1] == 0;
            if (!isDmtf || !SpdmSecuredData.TryRead(content, out SpdmSecuredData found) || found.DataVersion != SpdmConstants.OpaqueVersion || found.DataId != id) continue;
            data = content;
            return true;
        }

        return false;
    }

    private static bool TryReadHead(ReadOnlySpan<byte> opaque, byte version, out int count, out int size)
    {
        if (version >= SpdmConstants.Version12)
        {
            bool isRead = SpdmOpaqueHead.TryRead(opaque, out SpdmOpaqueHead head);
            (count, size) = (head.ElementCount, HeadSize(version));
            return isRead;
        }

        bool isOld = SpdmOpaqueHead11.TryRead(opaque, out SpdmOpaqueHead11 old) && old.SpecId == SpdmConstants.OpaqueSpecId;
        (count, size) = (old.ElementCount, HeadSize(version));
        return isOld;
    }
}
