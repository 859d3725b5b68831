namespace TeeIo.Vmm;

/// <summary>The shared side of a guest's memory, as its VMM sees it. Everything read from here may change between two reads.</summary>
public interface IGuestSharedMemory
{
    /// <summary>Reads at <paramref name="gpa"/>, which is without the bit that marks the shared side.</summary>
    /// <returns>False where the range isn't the guest's memory.</returns>
    bool TryRead(ulong gpa, Span<byte> destination);

    /// <summary>Writes at <paramref name="gpa"/>.</summary>
    /// <returns>False where the range isn't the guest's memory.</returns>
    bool TryWrite(ulong gpa, ReadOnlySpan<byte> source);
}
