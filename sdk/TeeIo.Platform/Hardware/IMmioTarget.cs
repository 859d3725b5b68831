namespace TeeIo.Platform.Hardware;

/// <summary>What answers in a window of memory-mapped I/O. A read that it refuses gives all ones, a write that it refuses is dropped.</summary>
public interface IMmioTarget
{
    /// <summary>Reads at <paramref name="offset"/> of the window; <paramref name="tee"/> is the T bit of the request.</summary>
    void Read(ulong offset, Span<byte> destination, bool tee);

    /// <summary>Writes at <paramref name="offset"/> of the window; <paramref name="tee"/> is the T bit of the request.</summary>
    void Write(ulong offset, ReadOnlySpan<byte> source, bool tee);
}
