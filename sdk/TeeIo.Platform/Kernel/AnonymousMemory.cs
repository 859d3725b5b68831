using TeeIo.Platform.Hardware;

namespace TeeIo.Platform.Kernel;

/// <summary>A process's own memory.</summary>
internal sealed class AnonymousMemory(SoftwareProcess owner, PhysicalMemory memory, PageSet pages, ulong address, ulong length) : ProcessMemory(owner, address, length)
{
    public PageSet Pages { get; } = pages;

    public override bool TryTranslate(ulong offset, out ulong hpa)
    {
        hpa = Pages[offset / PhysicalMemory.PageSize] + (offset % PhysicalMemory.PageSize);
        return true;
    }

    public override void Read(ulong offset, Span<byte> destination)
    {
        CheckRange(offset, destination.Length);
        while (destination.Length > 0)
        {
            int count = (int)Math.Min((ulong)destination.Length, PhysicalMemory.PageSize - (offset % PhysicalMemory.PageSize));
            TryTranslate(offset, out ulong hpa);
            memory.Read(hpa, destination[..count], KeyId.Shared);
            offset += (ulong)count;
            destination = destination[count..];
        }
    }

    public override void Write(ulong offset, ReadOnlySpan<byte> source)
    {
        CheckRange(offset, source.Length);
        while (source.Length > 0)
        {
            int count = (int)Math.Min((ulong)source.Length, PhysicalMemory.PageSize - (offset % PhysicalMemory.PageSize));
            TryTranslate(offset, out ulong hpa);
            memory.Write(hpa, source[..count], KeyId.Shared);
            offset += (ulong)count;
            source = source[count..];
        }
    }

    protected override void Unmapped() => Pages.Put();
}
