using TeeIo.Platform.Hardware;

namespace TeeIo.Platform.Kernel.Kvm;

/// <summary>Memory for private pages. It belongs to one VM and gives its pages out as the guest touches them.</summary>
internal sealed class GuestMemfdFile : KernelFile
{
    private readonly ulong[] _pages;

    public GuestMemfdFile(SoftwareProcess owner, KvmVm vm, ulong length)
        : base(owner)
    {
        (Vm, Length) = (vm, length);
        _pages = new ulong[length / PhysicalMemory.PageSize];
        vm.Get();
    }

    public KvmVm Vm { get; }

    public ulong Length { get; }

    /// <summary>The slots that show parts of it.</summary>
    public List<Memslot> Slots { get; } = [];

    /// <summary>The page at <paramref name="offset"/>, allocated at first use; 0 where memory has run out.</summary>
    public ulong Page(ulong offset)
    {
        ref ulong page = ref _pages[offset / PhysicalMemory.PageSize];
        if (page == 0) page = Owner.Kernel.Memory.AllocatePage();
        return page;
    }

    /// <remarks>Its slots lose their private side; they don't keep it open. A page that the firmware may still own is quarantined already and stays out of use; one that could not even be
    /// unmapped goes with the VM.</remarks>
    protected override void Release()
    {
        HashSet<ulong> mapped = [];
        foreach (Memslot slot in Slots)
        {
            Vm.Mmu.UnmapSlot(slot);
            mapped.UnionWith(Vm.Mmu.MappedPages(slot).Select(gpa => Page(slot.MemfdOffset + (gpa - slot.Gpa))));
            slot.Memfd = null;
        }

        foreach (ulong page in _pages)
        {
            if (mapped.Contains(page)) Vm.Keep(page);
            else if (page != 0 && !Owner.Kernel.Pages.IsQuarantined(page)) Owner.Kernel.Memory.FreePage(page);
        }

        Vm.Put();
    }
}
