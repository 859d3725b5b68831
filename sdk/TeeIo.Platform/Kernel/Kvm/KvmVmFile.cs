using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Linux.Kvm;
using TeeIo.Platform.Hardware;
using TeeIo.Platform.Kernel.Vfio;

namespace TeeIo.Platform.Kernel.Kvm;

/// <summary>The file of a VM.</summary>
internal sealed class KvmVmFile(SoftwareProcess owner, KvmVm vm) : KernelFile(owner), IKvmVmServer
{
    private const ulong PageSize = PhysicalMemory.PageSize;

    public KvmVm Vm { get; } = vm;

    public override SysResult Ioctl(uint request, scoped in IoctlFrame frame)
    {
        if (Vm.IsDead) return Errno.EIO;
        return request == KvmCalls.CheckExtension.Number
            ? KvmCapabilities.Check(Owner.Kernel, (KvmCapability)frame.Scalar, Vm.IsConfidential)
            : KvmVmDispatcher.Dispatch(this, Owner.Kernel.Hub, request, frame);
    }

    public SysResult CreateVcpu(ulong vcpuId)
    {
        if (vcpuId >= KvmCapabilities.MaxVcpus) return Errno.EINVAL;
        if (Vm.Vcpus.ContainsKey((int)vcpuId)) return Errno.EEXIST;
        return Owner.Install(new KvmVcpuFile(Owner, new KvmVcpu(Vm, (int)vcpuId)));
    }

    public SysResult CreateGuestMemfd(ref KvmCreateGuestMemfd argument)
    {
        if (argument.Flags != 0 || argument.Size == 0 || argument.Size % PageSize != 0 || argument.Size > int.MaxValue) return Errno.EINVAL;
        return Owner.Install(new GuestMemfdFile(Owner, Vm, argument.Size));
    }

    public SysResult SetUserMemoryRegion2(ref KvmUserspaceMemoryRegion2 argument)
    {
        SysResult valid = Check(in argument);
        if (!valid.IsOk) return valid;
        uint id = argument.Slot;
        Memslot? old = Vm.Mmu.Slots.Find(s => s.Id == id);
        if (argument.MemorySize == 0) return old is null ? Errno.EINVAL : Vm.Remove(old);
        ulong start = argument.GuestPhysAddr;
        ulong length = argument.MemorySize;
        if (old is not null && CheckChange(old, in argument) is { IsOk: false } refused) return refused;
        if (Vm.Mmu.Slots.Exists(s => s != old && s.Overlaps(start, length))) return Errno.EEXIST;
        if (old is null) return Add(in argument);
        (old.Gpa, old.Flags) = (start, argument.Flags);
        return SysResult.Ok;
    }

    public SysResult SetMemoryAttributes(ref KvmMemoryAttributes argument)
    {
        MemoryAttributes known = Vm.IsConfidential ? MemoryAttributes.Private : MemoryAttributes.None;
        if (argument.Flags != 0 || (argument.Attributes & ~known) != 0) return Errno.EINVAL;
        if (argument.Size == 0 || argument.Size % PageSize != 0 || argument.Address % PageSize != 0 || argument.Address > ulong.MaxValue - argument.Size) return Errno.EINVAL;
        return Vm.Mmu.SetPrivate(argument.Address, argument.Size, argument.Attributes.HasFlag(MemoryAttributes.Private));
    }

    /// <remarks>The platform has no eventfds, so no descriptor can be one, and its VMs have no interrupt controller.</remarks>
    public SysResult Irqfd(ref KvmIrqfd argument)
    {
        if ((argument.Flags & ~(IrqfdFlags.Deassign | IrqfdFlags.Resample)) != 0) return Errno.EINVAL;
        if (!argument.Flags.HasFlag(IrqfdFlags.Deassign)) return Errno.EINVAL;
        return Owner.File(argument.Fd) is null ? Errno.EBADF : Errno.EINVAL;
    }

    public SysResult EnableCap(ref KvmEnableCap argument)
    {
        if (argument.Cap != KvmCapability.ExitHypercall || argument.Flags != 0 || (argument.Args[0] & ~KvmCapabilities.Hypercalls) != 0) return Errno.EINVAL;
        Vm.ExitHypercalls = argument.Args[0];
        return SysResult.Ok;
    }

    public SysResult CreateDevice(ref KvmCreateDevice argument)
    {
        if (argument.Type != KvmDeviceType.Vfio) return Errno.ENODEV;
        if (argument.Flags.HasFlag(CreateDeviceFlags.Test)) return SysResult.Ok;
        if (Vm.HasVfioDevice) return Errno.EBUSY;
        Vm.HasVfioDevice = true;
        argument.Fd = Owner.Install(new KvmVfioFile(Owner, Vm), out _);
        return SysResult.Ok;
    }

    protected override void Release() => Vm.Put();

    private SysResult Check(in KvmUserspaceMemoryRegion2 argument)
    {
        if (argument.Slot >= KvmCapabilities.MaxSlots) return Errno.EINVAL;
        if (argument.MemorySize % PageSize != 0 || argument.GuestPhysAddr % PageSize != 0 || argument.UserspaceAddr % PageSize != 0) return Errno.EINVAL;
        if (argument.GuestPhysAddr > ulong.MaxValue - argument.MemorySize || argument.MemorySize / PageSize > int.MaxValue) return Errno.EINVAL;
        bool isOffsetWrong = argument.GuestMemfdOffset % PageSize != 0 || argument.GuestMemfdOffset > ulong.MaxValue - argument.MemorySize;
        if (argument.Flags.HasFlag(MemoryFlags.GuestMemfd) && isOffsetWrong) return Errno.EINVAL;
        MemoryFlags known = argument.Flags.HasFlag(MemoryFlags.GuestMemfd) ? MemoryFlags.GuestMemfd : MemoryFlags.Readonly | MemoryFlags.LogDirtyPages;
        if (Vm.IsConfidential && Owner.Kernel.Rules.CanBind) known |= MemoryFlags.VfioDmabuf;
        const MemoryFlags Private = MemoryFlags.GuestMemfd | MemoryFlags.VfioDmabuf;
        if ((argument.Flags & ~known) != 0 || (argument.Flags & Private) == Private) return Errno.EINVAL;
        return (argument.Flags & Private) != 0 && (argument.Flags & (MemoryFlags.Readonly | MemoryFlags.LogDirtyPages)) != 0 ? Errno.EINVAL : SysResult.Ok;
    }

    private SysResult Add(in KvmUserspaceMemoryRegion2 argument)
    {
        GuestMemfdFile? memfd = null;
        VfioDmaBufFile? buffer = null;
        if ((argument.Flags & (MemoryFlags.GuestMemfd | MemoryFlags.VfioDmabuf)) != 0 && Owner.File(argument.GuestMemfd) is not { }) return Errno.EBADF;
        if (argument.Flags.HasFlag(MemoryFlags.GuestMemfd))
        {
            memfd = Owner.File(argument.GuestMemfd) as GuestMemfdFile;
            if (memfd is null) return Errno.EINVAL;
            ulong start = argument.GuestMemfdOffset;
            ulong length = argument.MemorySize;
            if (!ReferenceEquals(memfd.Vm, Vm) || start % PageSize != 0 || start > memfd.Length || length > memfd.Length - start) return Errno.EINVAL;
            if (memfd.Slots.Exists(s => s.MemfdOffset < start + length && start < s.MemfdOffset + s.Length)) return Errno.EEXIST;
        }

        if (argument.Flags.HasFlag(MemoryFlags.VfioDmabuf))
        {
            buffer = Owner.File(argument.GuestMemfd) as VfioDmaBufFile;
            if (buffer is null || argument.GuestMemfdOffset != 0 || argument.MemorySize > buffer.Buffer.Length) return Errno.EINVAL;
        }

        var slot = new Memslot(argument.Slot, argument.GuestPhysAddr, argument.MemorySize, argument.UserspaceAddr, argument.Flags)
        {
            Memfd = memfd,
            MemfdOffset = argument.GuestMemfdOffset,
            DmaBuf = buffer,
        };
        if (buffer is not null)
        {
            slot.Attachment = new KvmDmaBufAttachment(Owner.Kernel.NextImporterId(), Vm, slot);
            SysResult attached = Owner.Kernel.Exporter.Attach(buffer.Buffer, slot.Attachment);
            if (!attached.IsOk) return attached;
            buffer.Get();
        }

        memfd?.Slots.Add(slot);
        Vm.Mmu.Slots.Add(slot);
        return SysResult.Ok;
    }

    /// <summary>A slot without private memory can move and change its flags; any other one can only be deleted.</summary>
    private static SysResult CheckChange(Memslot old, in KvmUserspaceMemoryRegion2 argument)
    {
        const MemoryFlags Fixed = MemoryFlags.Readonly | MemoryFlags.GuestMemfd | MemoryFlags.VfioDmabuf;
        if ((old.Flags & (MemoryFlags.GuestMemfd | MemoryFlags.VfioDmabuf)) != 0 || ((old.Flags ^ argument.Flags) & Fixed) != 0) return Errno.EINVAL;
        return argument.MemorySize == old.Length && argument.UserspaceAddr == old.UserAddress ? SysResult.Ok : Errno.EINVAL;
    }
}
