namespace TeeIo.Boundaries;

/// <summary>The argument of one ioctl: its bytes, and up to three buffers that 64-bit fields of it point to. A transport that runs on a real kernel pins the buffers and
/// writes their addresses; a software kernel reads the spans and never sees an address.</summary>
public ref struct IoctlFrame
{
    /// <summary>An argument without pointers.</summary>
    public IoctlFrame(Span<byte> argument) => Argument = argument;

    /// <summary>The argument structure; empty for a scalar argument.</summary>
    public Span<byte> Argument { get; }

    /// <summary>The argument itself where it is a number, not a structure.</summary>
    public ulong Scalar { get; init; }

    /// <summary>First buffer.</summary>
    public FrameBuffer First { get; private set; }

    /// <summary>Second buffer.</summary>
    public FrameBuffer Second { get; private set; }

    /// <summary>Third buffer.</summary>
    public FrameBuffer Third { get; private set; }

    /// <summary>Number of buffers, 0 to 3.</summary>
    public int BufferCount { get; private set; }

    /// <summary>Adds a buffer that the 64-bit field at <paramref name="pointerOffset"/> points to.</summary>
    /// <exception cref="InvalidOperationException">The frame has three already.</exception>
    public void Add(int pointerOffset, Span<byte> buffer)
    {
        var entry = new FrameBuffer(pointerOffset, buffer);
        switch (BufferCount)
        {
            case 0: First = entry; break;
            case 1: Second = entry; break;
            case 2: Third = entry; break;
            default: throw new InvalidOperationException("An ioctl frame carries at most three buffers.");
        }

        BufferCount++;
    }

    /// <summary>The buffer that the field at <paramref name="pointerOffset"/> points to; empty if the caller passed none.</summary>
    public readonly Span<byte> Buffer(int pointerOffset)
    {
        if (BufferCount > 0 && First.PointerOffset == pointerOffset) return First.Bytes;
        if (BufferCount > 1 && Second.PointerOffset == pointerOffset) return Second.Bytes;
        if (BufferCount > 2 && Third.PointerOffset == pointerOffset) return Third.Bytes;
        return default;
    }
}
