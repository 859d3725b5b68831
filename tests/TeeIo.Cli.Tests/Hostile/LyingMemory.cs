using TeeIo.Vmm;

namespace TeeIo.Cli.Tests.Hostile;

/// <summary>A guest's shared memory that changes between writing and reading.</summary>
internal sealed class LyingMemory(IGuestSharedMemory memory, Liar liar) : IGuestSharedMemory
{
    public bool TryRead(ulong gpa, Span<byte> destination)
    {
        bool isRead = memory.TryRead(gpa, destination);
        if (isRead) liar.Change(LiesAt.VmmReads, destination);
        return isRead;
    }

    public bool TryWrite(ulong gpa, ReadOnlySpan<byte> source)
    {
        byte[] bytes = source.ToArray();
        liar.Change(LiesAt.VmmWrites, bytes);
        return memory.TryWrite(gpa, bytes);
    }
}
