namespace TeeIo.Pci.Spdm;

/// <summary>How a transport carries SPDM: what stands around a message or record, and what a record says besides. Pure: bytes in, bytes out.</summary>
public abstract class SpdmBinding
{
    /// <summary>Data objects of a DOE mailbox.</summary>
    public static SpdmBinding PciDoe { get; } = new PciDoeBinding();

    /// <summary>Messages of MCTP, from the message type on.</summary>
    public static SpdmBinding Mctp { get; } = new MctpBinding();

    /// <summary>SPDM over TCP.</summary>
    public static SpdmBinding Tcp { get; } = new TcpBinding();

    /// <summary>Bytes in front of a message or record.</summary>
    public abstract int HeaderSize { get; }

    /// <summary>Whether records say which one they are.</summary>
    public virtual bool HasSequence => false;

    /// <summary>The most random bytes that a record ends with.</summary>
    public virtual int MaxRandom => 0;

    /// <summary>Bytes in front of the message inside a record.</summary>
    public virtual int InnerSize => 0;

    /// <summary>Bytes of the packet around a content.</summary>
    public virtual int PacketSize(int contentLength) => HeaderSize + contentLength;

    /// <summary>Makes a packet around a content that stands at <see cref="HeaderSize"/> already.</summary>
    /// <param name="packet">The packet; has room for <see cref="PacketSize"/>.</param>
    /// <param name="contentLength">Bytes of the content.</param>
    /// <param name="isSecured">Whether it is a record of a session.</param>
    /// <returns>Bytes of the packet.</returns>
    public abstract int Wrap(Span<byte> packet, int contentLength, bool isSecured);

    /// <summary>Takes a packet apart. Padding may follow the content.</summary>
    public abstract bool TryUnwrap(ReadOnlySpan<byte> packet, out bool isSecured, out ReadOnlySpan<byte> content);

    /// <summary>Writes what stands in front of the message inside a record.</summary>
    internal virtual void WriteInner(Span<byte> destination, int messageLength)
    {
    }

    /// <summary>Takes that away again.</summary>
    internal virtual bool TryReadInner(ReadOnlySpan<byte> content, out ReadOnlySpan<byte> message)
    {
        message = content;
        return true;
    }

    /// <summary>Makes a packet around <paramref name="content"/>.</summary>
    internal byte[] Wrap(ReadOnlySpan<byte> content, bool isSecured)
    {
        byte[] packet = new byte[PacketSize(content.Length)];
        content.CopyTo(packet.AsSpan(HeaderSize));
        Wrap(packet, content.Length, isSecured);
        return packet;
    }
}
