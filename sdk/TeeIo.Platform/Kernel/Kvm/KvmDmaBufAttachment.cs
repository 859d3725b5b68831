using TeeIo.Vfio;

namespace TeeIo.Platform.Kernel.Kvm;

/// <summary>KVM's attachment of a memory slot to a dma-buf.</summary>
internal sealed class KvmDmaBufAttachment(ulong id, KvmVm vm, Memslot slot) : DmaBufferImporter(id)
{
    public KvmVm Vm { get; } = vm;

    public Memslot Slot { get; } = slot;

    /// <summary>Whether the guest has some of it mapped privately.</summary>
    public bool IsMapped => Vm.Mmu.IsAnyMapped(Slot);
}
