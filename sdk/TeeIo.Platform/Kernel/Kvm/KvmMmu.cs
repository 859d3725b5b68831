using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Platform.Hardware;
using TeeIo.Scheduling;
using TeeIo.Tsm;

namespace TeeIo.Platform.Kernel.Kvm;

/// <summary>A VM's memory: its slots, which pages are private, and what is mapped privately.</summary>
internal sealed class KvmMmu(KvmVm vm)
{
    private const ulong PageSize = PhysicalMemory.PageSize;

    /// <summary>Pages that one call can make private: a range is as long as user space or a guest says, and each of its pages is kept track of.</summary>
    private const ulong MaxPages = 1 << 18;

    private readonly OrderedLock _lock = new(vm.Kernel.Locks, TsmOpsLocks.KvmMmu, vm.Identity.Name);
    private readonly SortedSet<ulong> _private = [];
    private readonly SortedDictionary<ulong, Memslot> _mapped = [];

    public List<Memslot> Slots { get; } = [];

    public Memslot? FindSlot(ulong gpa) => Slots.Find(s => s.Contains(gpa));

    public bool IsPrivate(ulong gpa) => _private.Contains(gpa / PageSize);

    public bool IsDevicePage(ulong gpa) => FindSlot(gpa) is { DmaBuf: not null };

    public bool IsMapped(ulong gpa) => _mapped.ContainsKey(gpa / PageSize);

    /// <summary>Whether a page of a slot is mapped privately.</summary>
    public bool IsAnyMapped(Memslot slot) => _mapped.ContainsValue(slot);

    /// <summary>Makes pages private or shared. Pages that become shared lose their private mapping; a device's pages that become private get one.</summary>
    public SysResult SetPrivate(ulong gpa, ulong length, bool isPrivate)
    {
        using LockHold mmu = _lock.Acquire();
        ulong first = gpa / PageSize;
        ulong end = (gpa + length) / PageSize;
        if (!isPrivate)
        {
            SysResult unmapped = Unmap(first, end);
            if (!unmapped.IsOk) return unmapped;
            MakeShared(first, end);
            return SysResult.Ok;
        }

        if (end - first > MaxPages) return Errno.ENOMEM;
        List<ulong> added = [];
        for (ulong page = first; page < end; page++)
        {
            if (_private.Add(page)) added.Add(page);
        }

        SysResult mapped = MapDevicePages(first, end);
        if (!mapped.IsOk)
        {
            foreach (ulong page in added) _private.Remove(page);
        }

        return mapped;
    }

    /// <summary>Handles a guest's access to a private page that isn't mapped.</summary>
    /// <returns>EFAULT where user space must decide.</returns>
    public SysResult HandlePrivateFault(ulong gpa)
    {
        using LockHold mmu = _lock.Acquire();
        if (IsMapped(gpa)) return SysResult.Ok;
        if (!IsPrivate(gpa) || FindSlot(gpa) is not { } slot) return Errno.EFAULT;
        ulong page = gpa / PageSize;
        if (slot.DmaBuf is not null)
        {
            SysResult result = MapDevicePages(page, page + 1);
            return result.IsOk && !IsMapped(gpa) ? Errno.EFAULT : result;
        }

        if (slot.Memfd is not { } memfd) return Errno.EFAULT;
        ulong hpa = memfd.Page(slot.MemfdOffset + ((page * PageSize) - slot.Gpa));
        if (hpa == 0) return Errno.ENOMEM;
        SysResult mapped = vm.Kernel.ConfidentialMemory.MapPrivate(vm.Identity, page * PageSize, hpa);
        if (mapped.IsOk) _mapped[page] = slot;
        return mapped;
    }

    /// <summary>The pages of a slot that are mapped privately, by guest-physical address.</summary>
    public IEnumerable<ulong> MappedPages(Memslot slot) => _mapped.Where(m => m.Value == slot).Select(m => m.Key * PageSize);

    /// <summary>Takes the private mappings of a slot away.</summary>
    public SysResult UnmapSlot(Memslot slot)
    {
        using LockHold mmu = _lock.Acquire();
        return Unmap(slot.Gpa / PageSize, (slot.Gpa + slot.Length) / PageSize);
    }

    /// <summary>The memory behind a slot moves or is revoked: its private mappings go, and its pages are shared until user space says otherwise again.</summary>
    public SysResult Withdraw(Memslot slot)
    {
        using LockHold mmu = _lock.Acquire();
        ulong first = slot.Gpa / PageSize;
        ulong end = (slot.Gpa + slot.Length) / PageSize;
        SysResult unmapped = Unmap(first, end);
        MakeShared(first, end);
        return unmapped;
    }

    /// <summary>Makes a range's pages shared, but for those that could not be unmapped.</summary>
    private void MakeShared(ulong first, ulong end)
    {
        if (end > first) _private.RemoveWhere(p => p >= first && p < end && !_mapped.ContainsKey(p));
    }

    /// <summary>Maps a range's device pages that are private and not mapped yet, in runs of adjacent pages.</summary>
    private SysResult MapDevicePages(ulong first, ulong end)
    {
        for (ulong page = first; page < end;)
        {
            ulong count = 1;
            if (FindSlot(page * PageSize) is { DmaBuf: { } file } slot && TryFindDevicePage(page, slot, out ulong hpa))
            {
                while (page + count < end && slot.Contains((page + count) * PageSize) && TryFindDevicePage(page + count, slot, out ulong next) && next == hpa + (count * PageSize)) count++;
                SysResult mapped = vm.Kernel.ConfidentialMemory.MapMmio(vm.Identity, page * PageSize, hpa, (uint)count);
                if (!mapped.IsOk) return mapped;
                for (ulong i = 0; i < count; i++) _mapped[page + i] = slot;
            }

            page += count;
        }

        return SysResult.Ok;
    }

    private bool TryFindDevicePage(ulong page, Memslot slot, out ulong hpa)
    {
        hpa = 0;
        return _private.Contains(page) && !_mapped.ContainsKey(page) && slot.DmaBuf!.Buffer.TryTranslate((page * PageSize) - slot.Gpa, out hpa);
    }

    /// <summary>Takes a range's private mappings away. One that the driver doesn't give up stays, and is tried again the next time.</summary>
    private SysResult Unmap(ulong first, ulong end)
    {
        SysResult result = SysResult.Ok;
        List<ulong> pages = [.. _mapped.Keys.Where(p => p >= first && p < end)];
        for (int i = 0; i < pages.Count;)
        {
            int count = 1;
            Memslot slot = _mapped[pages[i]];
            while (slot.DmaBuf is not null && i + count < pages.Count && pages[i + count] == pages[i] + (ulong)count && _mapped[pages[i + count]] == slot) count++;
            SysResult unmapped = slot.DmaBuf is null
                ? vm.Kernel.ConfidentialMemory.UnmapPrivate(vm.Identity, pages[i] * PageSize)
                : vm.Kernel.ConfidentialMemory.UnmapMmio(vm.Identity, pages[i] * PageSize, (uint)count);
            if (!unmapped.IsOk) result = unmapped;
            for (int j = 0; unmapped.IsOk && j < count; j++) _mapped.Remove(pages[i + j]);
            i += count;
        }

        return result;
    }
}
