namespace TeeIo.Boundaries;

/// <summary>A buffer of an <see cref="IoctlFrame"/>.</summary>
/// <param name="pointerOffset">Offset of the 64-bit pointer in the argument.</param>
/// <param name="bytes">The memory that it points to.</param>
public readonly ref struct FrameBuffer(int pointerOffset, Span<byte> bytes)
{
    /// <summary>Offset of the 64-bit pointer in the argument.</summary>
    public int PointerOffset { get; } = pointerOffset;

    /// <summary>The memory that it points to.</summary>
    public Span<byte> Bytes { get; } = bytes;
}
