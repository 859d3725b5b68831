using System.Buffers.Binary;

namespace TeeIo.Pci.Spdm;

/// <summary>Goes through a message whose parts have lengths of their own. What was gone through is the message; padding may follow.</summary>
internal ref struct SpdmReader(ReadOnlySpan<byte> source)
{
    private readonly ReadOnlySpan<byte> _source = source;

    public int Position { get; private set; }

    /// <summary>What was gone through so far.</summary>
    public readonly ReadOnlySpan<byte> Past => _source[..Position];

    public readonly ReadOnlySpan<byte> Rest => _source[Position..];

    public bool TryTake(int length, out ReadOnlySpan<byte> part)
    {
        bool fits = length >= 0 && length <= _source.Length - Position;
        part = fits ? _source.Slice(Position, length) : default;
        if (fits) Position += length;
        return fits;
    }

    public bool TrySkip(int length) => TryTake(length, out _);

    public bool TryTakeUInt16(out ushort value)
    {
        bool fits = TryTake(sizeof(ushort), out ReadOnlySpan<byte> part);
        value = fits ? BinaryPrimitives.ReadUInt16LittleEndian(part) : default;
        return fits;
    }

    /// <summary>Takes a part behind its length of 16 bits, as opaque data are.</summary>
    public bool TryTakeCounted(out ReadOnlySpan<byte> part)
    {
        part = default;
        return TryTakeUInt16(out ushort length) && TryTake(length, out part);
    }
}
