using System.Buffers.Binary;

namespace TeeIo.Pci.Spdm;

/// <summary>A piece of a message that is too large for one transfer: of a request in CHUNK_SEND, of a response in CHUNK_RESPONSE.</summary>
internal readonly ref struct SpdmPiece
{
    private const byte LastBit = 1;

    /// <summary>Which transfer it belongs to.</summary>
    public byte Handle { get; private init; }

    /// <summary>Its number, from 0.</summary>
    public uint Sequence { get; private init; }

    public bool IsLast { get; private init; }

    /// <summary>Bytes of the whole message; only the first piece says it.</summary>
    public uint WholeLength { get; private init; }

    public ReadOnlySpan<byte> Data { get; private init; }

    /// <summary>The most bytes of data in a piece, so that it isn't larger than a transfer.</summary>
    public static int Room(int transferSize, bool isFirst) => transferSize - SpdmChunk.ByteSize - (isFirst ? sizeof(uint) : 0);

    /// <summary>Writes the piece of <paramref name="whole"/> that begins at <paramref name="position"/>.</summary>
    /// <returns>Where the next one begins.</returns>
    public static int Write(SpdmWriter message, byte version, SpdmMessage code, byte handle, uint sequence, ReadOnlySpan<byte> whole, int position, int transferSize)
    {
        int length = Math.Min(whole.Length - position, Room(transferSize, isFirst: sequence == 0));
        message.Begin();
        SpdmHeader header = new() { Version = version, Code = code, Param1 = position + length == whole.Length ? LastBit : (byte)0, Param2 = handle };
        Span<byte> head = message.Take(SpdmChunk.ByteSize);
        if (version < SpdmConstants.Version14) new SpdmChunk { Header = header, Sequence = (ushort)sequence, ChunkSize = (uint)length }.Write(head);
        else new SpdmChunk14 { Header = header, Sequence = sequence, ChunkSize = (uint)length }.Write(head);
        if (sequence == 0) BinaryPrimitives.WriteInt32LittleEndian(message.Take(sizeof(uint)), whole.Length);
        message.Write(whole.Slice(position, length));
        return position + length;
    }

    /// <summary>Reads a piece.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, byte version, out SpdmPiece piece)
    {
        piece = default;
        uint sequence;
        uint length;
        if (version < SpdmConstants.Version14)
        {
            if (!SpdmChunk.TryRead(message, out SpdmChunk head)) return false;
            (sequence, length) = (head.Sequence, head.ChunkSize);
        }
        else
        {
            if (!SpdmChunk14.TryRead(message, out SpdmChunk14 head)) return false;
            (sequence, length) = (head.Sequence, head.ChunkSize);
        }

        SpdmReader reader = new(message);
        SpdmHeader.TryRead(message, out SpdmHeader header);
        ReadOnlySpan<byte> whole = default;
        if (!reader.TrySkip(SpdmChunk.ByteSize) || (sequence == 0 && !reader.TryTake(sizeof(uint), out whole))) return false;
        if (length > int.MaxValue || !reader.TryTake((int)length, out ReadOnlySpan<byte> data)) return false;
        piece = new SpdmPiece
        {
            Handle = header.Param2,
            Sequence = sequence,
            IsLast = (header.Param1 & LastBit) != 0,
            WholeLength = whole.IsEmpty ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(whole),
            Data = data,
        };
        return true;
    }

    /// <summary>Writes CHUNK_GET or CHUNK_SEND_ACK.</summary>
    public static void WriteNumber(SpdmWriter message, byte version, SpdmMessage code, byte handle, uint sequence, bool isEarlyError = false)
    {
        message.Begin();
        SpdmHeader header = new() { Version = version, Code = code, Param1 = isEarlyError ? (byte)1 : (byte)0, Param2 = handle };
        if (version < SpdmConstants.Version14) new SpdmChunkNumber { Header = header, Sequence = (ushort)sequence }.Write(message.Take(SpdmChunkNumber.ByteSize));
        else new SpdmChunkNumber14 { Header = header, Sequence = sequence }.Write(message.Take(SpdmChunkNumber14.ByteSize));
    }

    /// <summary>Reads CHUNK_GET or CHUNK_SEND_ACK.</summary>
    public static bool TryReadNumber(ReadOnlySpan<byte> message, byte version, out byte handle, out uint sequence, out ReadOnlySpan<byte> rest)
    {
        bool isRead;
        if (version < SpdmConstants.Version14)
        {
            isRead = SpdmChunkNumber.TryRead(message, out SpdmChunkNumber head);
            (handle, sequence) = (head.Header.Param2, head.Sequence);
            rest = isRead ? message[SpdmChunkNumber.ByteSize..] : default;
        }
        else
        {
            isRead = SpdmChunkNumber14.TryRead(message, out SpdmChunkNumber14 head);
            (handle, sequence) = (head.Header.Param2, head.Sequence);
            rest = isRead ? message[SpdmChunkNumber14.ByteSize..] : default;
        }

        return isRead;
    }
}
