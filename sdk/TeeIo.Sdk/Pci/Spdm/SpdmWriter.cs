using System.Buffers.Binary;

namespace TeeIo.Pci.Spdm;

/// <summary>Where an end writes its messages, one after the other: a buffer that is used again for each.</summary>
internal sealed class SpdmWriter
{
    private byte[] _buffer = new byte[4096];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, Length);

    /// <summary>Begins a message whose header is a part of the record that follows.</summary>
    public void Begin() => Length = 0;

    /// <summary>Begins a message with its header.</summary>
    public SpdmWriter Begin(byte version, SpdmMessage code, int param1 = 0, int param2 = 0)
    {
        Begin();
        new SpdmHeader { Version = version, Code = code, Param1 = (byte)param1, Param2 = (byte)param2 }.Write(Take(SpdmHeader.ByteSize));
        return this;
    }

    /// <summary>Room for the next <paramref name="length"/> bytes of the message.</summary>
    public Span<byte> Take(int length)
    {
        if (length > _buffer.Length - Length) Array.Resize(ref _buffer, Math.Max(2 * _buffer.Length, Length + length));
        Span<byte> part = _buffer.AsSpan(Length, length);
        Length += length;
        return part;
    }

    public SpdmWriter Write(ReadOnlySpan<byte> part)
    {
        part.CopyTo(Take(part.Length));
        return this;
    }

    public SpdmWriter WriteUInt16(int value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(Take(sizeof(ushort)), (ushort)value);
        return this;
    }

    public SpdmWriter WriteRandom(Random random, int length)
    {
        random.NextBytes(Take(length));
        return this;
    }

    /// <summary>Takes back what was written last.</summary>
    public void TakeBack(int length) => Length -= length;
}
