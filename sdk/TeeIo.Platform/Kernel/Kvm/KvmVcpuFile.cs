using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Linux.Kvm;

namespace TeeIo.Platform.Kernel.Kvm;

/// <summary>The file of a virtual processor. Its closing ends the guest's task.</summary>
internal sealed class KvmVcpuFile(SoftwareProcess owner, KvmVcpu cpu) : KernelFile(owner), IKvmVcpuServer
{
    public KvmVcpu Cpu { get; } = cpu;

    public override SysResult Ioctl(uint request, scoped in IoctlFrame frame) => KvmFile.Known(KvmVcpuDispatcher.Dispatch(this, Owner.Kernel.Hub, request, frame));

    public override ProcessMemory? Map(ulong offset, ulong length, out Errno error)
    {
        error = offset == 0 && length <= RunMemory.ByteLength ? Errno.Ok : Errno.EINVAL;
        return error == Errno.Ok ? new RunMemory(this, Owner.NextAddress(length), length) : null;
    }

    public SysResult Run() => Cpu.Run();

    protected override void Release() => Cpu.Close();
}
