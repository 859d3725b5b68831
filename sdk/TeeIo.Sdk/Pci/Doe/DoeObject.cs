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
        content.CopyTo(result.AsSpan(DoeHeader.ByteSize));
        Frame(result, type, content.Length);
        return result;
    }

    /// <summary>Makes an object around a content that stands behind the header's place already: writes header and padding.</summary>
    /// <returns>Bytes of the object.</returns>
    /// <exception cref="ArgumentException">The content is larger than an object can be, or than <paramref name="destination"/> has room for.</exception>
    public static int Frame(Span<byte> destination, DoeObjectType type, int contentLength)
    {
        int size = Size(contentLength);
        if (size > DoeConstants.MaxObjectSize || size > destination.Length)
        {
            throw new ArgumentException(
                $"A DOE object has at most {Math.Min(DoeConstants.MaxObjectSize, destination.Length)} bytes here; with {contentLength} bytes of content it has {size}.", nameof(contentLength));
        }

        // The length field has 18 bits, so the largest object's length is written as 0.
        uint dwords = (uint)(size / DoeConstants.ObjectAlignment) % (DoeConstants.MaxObjectSize / DoeConstants.ObjectAlignment);
        new DoeHeader { VendorId = DoeConstants.PciSigVendorId, DataObjectType = type, Length = dwords }.Write(destination);
        destination[(DoeHeader.ByteSize + contentLength)..size].Clear();
        return size;
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
