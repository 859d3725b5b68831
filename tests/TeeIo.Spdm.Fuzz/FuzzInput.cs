using System.Buffers.Binary;

namespace TeeIo.Spdm.Fuzz;

/// <summary>Takes an input apart: a byte that says where to begin, then messages, each behind its length of 16 bits. What is missing of the last one isn't there.</summary>
/// <param name="input">The input.</param>
internal ref struct FuzzInput(ReadOnlySpan<byte> input)
{
    private ReadOnlySpan<byte> _rest = input.IsEmpty ? default : input[1..];

    /// <summary>Where to begin.</summary>
    public byte Start { get; } = input.IsEmpty ? (byte)0 : input[0];

    /// <summary>The next message.</summary>
    /// <returns>False where there is none.</returns>
    public bool TryTake(out ReadOnlySpan<byte> message)
    {
        message = default;
        if (_rest.Length < sizeof(ushort)) return false;
        int length = Math.Min(BinaryPrimitives.ReadUInt16LittleEndian(_rest), _rest.Length - sizeof(ushort));
        message = _rest.Slice(sizeof(ushort), length);
        _rest = _rest[(sizeof(ushort) + length)..];
        return true;
    }
}
