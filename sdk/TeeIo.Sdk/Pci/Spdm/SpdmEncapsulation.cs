namespace TeeIo.Pci.Spdm;

/// <summary>The wrappers of requests that a responder has for its requester, as either end writes and reads them.</summary>
internal static class SpdmEncapsulation
{
    /// <summary>Writes ENCAPSULATED_REQUEST or DELIVER_ENCAPSULATED_RESPONSE.</summary>
    public static void Write(SpdmWriter message, byte version, SpdmMessage code, byte id, ReadOnlySpan<byte> inside) => message.Begin(version, code, id).Write(inside);

    /// <summary>Writes ENCAPSULATED_RESPONSE_ACK.</summary>
    /// <param name="message">Receives it.</param>
    /// <param name="version">The negotiated version.</param>
    /// <param name="acknowledged">Id of the request whose response was taken.</param>
    /// <param name="next">Id of the next request; 0 where there is none.</param>
    /// <param name="inside">The next request; empty where there is none.</param>
    public static void WriteAcknowledgement(SpdmWriter message, byte version, byte acknowledged, byte next, ReadOnlySpan<byte> inside)
    {
        EncapsulatedPayload payload = inside.IsEmpty ? EncapsulatedPayload.Absent : EncapsulatedPayload.Present;
        message.Begin(version, SpdmMessage.EncapsulatedResponseAck, next, (int)payload);
        if (version >= SpdmConstants.Version12) message.Write([acknowledged, 0, 0, 0]);
        message.Write(inside);
    }

    /// <summary>Reads any of them: what is inside, behind the wrapper.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, byte version, out SpdmHeader header, out ReadOnlySpan<byte> inside)
    {
        inside = default;
        bool isRead = SpdmHeader.TryRead(message, out header);
        bool isLong = header.Code == SpdmMessage.EncapsulatedResponseAck && version >= SpdmConstants.Version12;
        int size = isLong ? SpdmEncapsulatedResponseAck.ByteSize : SpdmEncapsulated.ByteSize;
        if (!isRead || message.Length < size) return false;
        inside = message[size..];
        return true;
    }
}
