using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Linux.Kvm;
using TeeIo.Platform.Kernel.Vfio;

namespace TeeIo.Platform.Kernel.Kvm;

/// <summary>KVM's VFIO device: the VFIO files that belong to the VM. Its closing lets go of them, so that a VM and its devices don't keep each other.</summary>
internal sealed class KvmVfioFile : KernelFile, IKvmDeviceServer
{
    private readonly KvmVm _vm;
    private readonly List<VfioFile> _files = [];

    public KvmVfioFile(SoftwareProcess owner, KvmVm vm)
        : base(owner)
    {
        _vm = vm;
        vm.Get();
    }

    public override SysResult Ioctl(uint request, scoped in IoctlFrame frame) => KvmDeviceDispatcher.Dispatch(this, Owner.Kernel.Hub, request, frame);

    public SysResult SetDeviceAttrOther(ref KvmDeviceAttr argument, ReadOnlySpan<byte> addr) => Errno.ENXIO;

    public SysResult VfioFileAdd(Fd file)
    {
        if (Owner.File(file) is not { } any) return Errno.EBADF;
        if (any is not VfioFile vfio) return Errno.EINVAL;
        if (_files.Contains(vfio)) return Errno.EEXIST;
        vfio.Get();
        vfio.Vm = _vm;
        _files.Add(vfio);
        return SysResult.Ok;
    }

    public SysResult VfioFileDel(Fd file)
    {
        if (Owner.File(file) is not { } any) return Errno.EBADF;
        if (any is not VfioFile vfio || !_files.Remove(vfio)) return Errno.ENOENT;
        vfio.Vm = null;
        vfio.Put();
        return SysResult.Ok;
    }

    protected override void Release()
    {
        foreach (VfioFile file in _files)
        {
            file.Vm = null;
            file.Put();
        }

        _vm.HasVfioDevice = false;
        _vm.Put();
    }
}
