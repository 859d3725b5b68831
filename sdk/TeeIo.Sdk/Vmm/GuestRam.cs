using TeeIo.Boundaries;

namespace TeeIo.Vmm;

/// <summary>The shared side of the guest's memory, which starts at guest-physical address 0.</summary>
internal sealed class GuestRam(UserMemory memory) : IGuestSharedMemory
{
    public UserMemory Memory { get; } = memory;

    public bool TryRead(ulong gpa, Span<byte> destination)
    {
        if (!Contains(gpa, destination.Length)) return false;
        Memory.Read(gpa, destination);
        return true;
    }

    public bool TryWrite(ulong gpa, ReadOnlySpan<byte> source)
    {
        if (!Contains(gpa, source.Length)) return false;
        Memory.Write(gpa, source);
        return true;
    }

    private bool Contains(ulong gpa, int length) => gpa <= Memory.Length && Memory.Length - gpa >= (ulong)length;
}
