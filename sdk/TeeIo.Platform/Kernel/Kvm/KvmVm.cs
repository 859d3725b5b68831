using TeeIo.Boundaries;
using TeeIo.Tsm;

namespace TeeIo.Platform.Kernel.Kvm;

/// <summary>A virtual machine: counted by its files, its vCPUs' files, and by the devices and vIOMMUs that belong to it; so it dies after its TDIs.</summary>
internal sealed class KvmVm
{
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

    /// <summary>Deletes a slot: its private mappings, its hold on the dma-buf or guest_memfd.</summary>
    public SysResult Remove(Memslot slot)
    {
        SysResult unmapped = Mmu.UnmapSlot(slot);
        Mmu.Slots.Remove(slot);
        if (slot.Attachment is { } attachment) Kernel.Exporter.Detach(slot.DmaBuf!.Buffer, attachment);
        slot.DmaBuf?.Put();
        slot.Memfd?.Slots.Remove(slot);
        return unmapped;
    }

    private void Destroy()
    {
        foreach (Memslot slot in Mmu.Slots.ToArray()) Remove(slot);
        if (IsConfidential) Kernel.ConfidentialMemory.DestroyVm(Identity);
        Kernel.LiveVms--;
    }
}
