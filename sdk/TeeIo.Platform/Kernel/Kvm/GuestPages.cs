using TeeIo.Linux.Kvm;
using TeeIo.Platform.Hardware;

namespace TeeIo.Platform.Kernel.Kvm;

/// <summary>The guest kernel's page allocator: private pages from the bottom of its memory, shared ones from the top, so that the two kinds don't alternate.</summary>
internal sealed class GuestPages(KvmVm vm)
{
    private const ulong PageSize = PhysicalMemory.PageSize;
    private readonly HashSet<ulong> _taken = [];

    /// <summary>Takes <paramref name="count"/> pages in a row.</summary>
    /// <returns>Guest-physical address; 0 where there are none. The page at 0 is never given out.</returns>
    public ulong Take(int count, bool isPrivate)
    {
        IEnumerable<ulong> pages = vm.Mmu.Slots.Where(s => s.IsMemory(vm.Owner) && !s.Flags.HasFlag(MemoryFlags.Readonly)).OrderBy(s => s.Gpa)
            .SelectMany(s => Enumerable.Range(0, (int)(s.Length / PageSize)).Select(i => (s.Gpa / PageSize) + (ulong)i));
        if (!isPrivate) pages = pages.Reverse();
        var free = pages.Where(p => p != 0 && !_taken.Contains(p)).ToHashSet();
        foreach (ulong start in pages)
        {
            if (!Enumerable.Range(0, count).All(i => free.Contains(start + (ulong)i))) continue;
            for (int i = 0; i < count; i++) _taken.Add(start + (ulong)i);
            return start * PageSize;
        }

        return 0;
    }

    public void Return(ulong gpa, int count)
    {
        for (int i = 0; i < count; i++) _taken.Remove((gpa / PageSize) + (ulong)i);
    }

    /// <summary>Finds what the shared side shows at <paramref name="gpa"/>: nothing while the page is private.</summary>
    public bool TryTranslateShared(ulong gpa, out ulong hpa)
    {
        hpa = 0;
        return !vm.Mmu.IsPrivate(gpa) && vm.Mmu.FindSlot(gpa) is { } slot && slot.TryTranslateShared(vm.Owner, gpa, out hpa);
    }

    public bool IsSharedResolvable(ulong gpa) => TryTranslateShared(gpa, out _);
}
