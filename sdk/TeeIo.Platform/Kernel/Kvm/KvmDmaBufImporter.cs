using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Linux.DmaBuf;
using TeeIo.Vfio;

namespace TeeIo.Platform.Kernel.Kvm;

/// <summary>KVM as an importer of dma-bufs: a move takes the slot's private mappings away. Shared ones are looked up anew at each access.</summary>
internal sealed class KvmDmaBufImporter : IDmaBufImporterOps
{
    public SysResult MoveNotify(DmaBuffer buffer, DmaBufferImporter importer) =>
        importer is KvmDmaBufAttachment attachment ? attachment.Vm.Mmu.Withdraw(attachment.Slot) : Errno.EIO;
}
