using TeeIo.Boundaries;
using TeeIo.Tsm;

namespace TeeIo.Platform.Kernel.Kvm;

/// <summary>A virtual machine: counted by its files, its vCPUs' files, and by the devices and vIOMMUs that belong to it; so it dies after its TDIs.</summary>
internal sealed class KvmVm
{
    private readonly List<ulong> _keptPages = [];
    private int _references = 1;

    private KvmVm(SoftwareProcess owner, VmHandle identity, bool isConfidential)
    {
        (Owner, Identity, IsConfidential) = (owner, identity, isConfidential);
        Mmu = new KvmMmu(this);
        Pages = new GuestPages(this);
    }

    public SoftwareProcess Owner { get; }

    public SoftwareKernel Kernel => Owner.Kernel;

    public ConfidentialVm Identity { get; }

    public bool IsConfidential { get; }

    public KvmMmu Mmu { get; }

    /// <summary>Which pages of its memory the guest uses.</summary>
    public GuestPages Pages { get; }

    public SortedDictionary<int, KvmVcpu> Vcpus { get; } = [];

    public bool HasVfioDevice { get; set; }

    /// <summary>Whether KVM has given it up: calls on it and its vCPUs are EIO, and no guest runs on.</summary>
    public bool IsDead { get; set; }

    /// <summary>The hypercalls that go to user space, as a bit mask.</summary>
    public ulong ExitHypercalls { get; set; }

    public static SysResult Create(SoftwareProcess owner, bool isConfidential, out KvmVm? vm)
    {
        ulong id = owner.Kernel.NextVmId();
        string name = owner.NextVmName();
        vm = new KvmVm(owner, new VmHandle(id, name), isConfidential);
        SysResult made = isConfidential ? owner.Kernel.ConfidentialMemory.CreateVm(vm.Identity) : SysResult.Ok;
        if (made.IsOk) owner.Kernel.LiveVms++;
        else vm = null;
        return made;
    }

    public void Get() => _references++;

    public void Put()
    {
        if (--_references == 0) Destroy();
    }

    /// <summary>Pages of its memory that outlive their guest_memfd, because they could not be unmapped.</summary>
    public IReadOnlyList<ulong> KeptPages => _keptPages;

    /// <summary>Keeps a page that is still mapped privately until the VM is destroyed.</summary>
    public void Keep(ulong page) => _keptPages.Add(page);

    /// <summary>Deletes a slot: its private mappings, its hold on the dma-buf or guest_memfd. One that can't be unmapped stays.</summary>
    public SysResult Remove(Memslot slot)
    {
        SysResult unmapped = Mmu.UnmapSlot(slot);
        if (unmapped.IsOk) Forget(slot);
        return unmapped;
    }

    private void Forget(Memslot slot)
    {
        Mmu.Slots.Remove(slot);
        if (slot.Attachment is { } attachment) Kernel.Exporter.Detach(slot.DmaBuf!.Buffer, attachment);
        slot.DmaBuf?.Put();
        slot.Memfd?.Slots.Remove(slot);
    }

    /// <summary>Takes the VM away. Where that fails it stays, in quarantine and with all that is still its own, until another try succeeds.</summary>
    public SysResult Destroy()
    {
        foreach (Memslot slot in Mmu.Slots.ToArray()) Remove(slot);
        SysResult destroyed = IsConfidential ? Kernel.ConfidentialMemory.DestroyVm(Identity) : SysResult.Ok;
        Kernel.Quarantine(this, !destroyed.IsOk);
        if (!destroyed.IsOk) return destroyed;
        foreach (Memslot slot in Mmu.Slots.ToArray()) Forget(slot);
        foreach (ulong page in _keptPages.Where(p => !Kernel.Pages.IsQuarantined(p))) Kernel.Memory.FreePage(page);
        _keptPages.Clear();
        Kernel.LiveVms--;
        return SysResult.Ok;
    }
}
