namespace TeeIo.Pci.Doe;

/// <summary>Frames what goes through a DOE mailbox: a header with type and length in dwords, the content, and padding to whole dwords.</summary>
public static class DoeObject
{
    /// <summary>Bytes of the object around a content of <paramref name="contentLength"/> bytes.</summary>
    public static int Size(int contentLength) =>
        DoeHeader.ByteSize + ((contentLength + DoeConstants.ObjectAlignment - 1) & -DoeConstants.ObjectAlignment);

    /// <summary>Makes an object of type <paramref name="type"/> around <paramref name="content"/>.</summary>
    /// <exception cref="ArgumentException">The content is larger than an object can be.</exception>
    public static byte[] Create(DoeObjectType type, ReadOnlySpan<byte> content)
    {
        byte[] result = new byte[Size(content.Length)];
        if (result.Length > DoeConstants.MaxObjectSize)
        {
            throw new ArgumentException(
                $"A DOE object has at most {DoeConstants.MaxObjectSize} bytes with its header; {content.Length} bytes of content are too many.", nameof(content));
        }

        // The length field has 18 bits, so the largest object's length is written as 0.
        uint dwords = (uint)(result.Length / DoeConstants.ObjectAlignment) % (DoeConstants.MaxObjectSize / DoeConstants.ObjectAlignment);
        new DoeHeader { VendorId = DoeConstants.PciSigVendorId, DataObjectType = type, Length = dwords }.Write(result);
        content.CopyTo(result.AsSpan(DoeHeader.ByteSize));
        return result;
    }

    /// <summary>Takes an object of PCI-SIG apart. The content keeps its padding: the object doesn't tell where the padding begins.</summary>
    /// <returns>False where the length isn't that of <paramref name="source"/>, the vendor isn't PCI-SIG or reserved bits are set.</returns>
    public static bool TryRead(ReadOnlySpan<byte> source, out DoeObjectType type, out ReadOnlySpan<byte> content)
    {
        type = default;
        content = default;
        if (!DoeHeader.TryRead(source, out DoeHeader header) || header.VendorId != DoeConstants.PciSigVendorId || header.Reserved != 0) return false;
        long length = (header.Length == 0 ? DoeConstants.MaxObjectSize / DoeConstants.ObjectAlignment : header.Length) * (long)DoeConstants.ObjectAlignment;
        if (length != source.Length) return false;
        type = header.DataObjectType;
        content = source[DoeHeader.ByteSize..];
        return true;
    }
}
