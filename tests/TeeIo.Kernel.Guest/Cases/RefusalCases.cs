using System.Runtime.InteropServices;
using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Linux;
using TeeIo.Linux.Iommufd;
using TeeIo.Linux.Kvm;
using TeeIo.Linux.Vfio;

namespace TeeIo.Kernel.Guest.Cases;

/// <summary>Refusals that no client can provoke by its own methods, or only in a special place: reserved fields, missing privileges, missing memory.</summary>
internal static class RefusalCases
{
    private const ulong Page = Iommu.Page;
    private const IoasMapFlags Both = IoasMapFlags.Readable | IoasMapFlags.Writeable;

    public static IReadOnlyList<KernelCase> All { get; } =
    [
        new("IOMMUFD: a reserved field that isn't zero is EOPNOTSUPP", Reserved),
        new("IOMMUFD: without privileges the pinning mode and physical addresses are EPERM", Unprivileged),
        new("IOMMUFD: where nothing is allowed, the kernel finds no place: ENOSPC", NoPlace),
        new("VFIO: a record that can't be read is EFAULT", VfioRecords),
        new("VFIO: an IOAS with something in the interrupt window isn't for a device: EADDRINUSE", Window),
        new("KVM: refusals of slots, devices and files", KvmRefusals),
        new("KVM_CREATE_GUEST_MEMFD: a process with too many files gets EMFILE", TooManyFiles),
        new("KVM_RUN: a page that must be private and isn't there ends it with EFAULT and says which", MemoryFault),
        new("KVM_RUN: an exit that user space asked for is EINTR", ImmediateExit),
    ];

    private static void Reserved()
    {
        using Iommu iommu = new();
        IoasId ioas = iommu.Calls.IoasAlloc();
        Assert.Equal(Errno.EOPNOTSUPP, Invoke(iommu, IommufdCalls.IoasAlloc, new IommuIoasAlloc { Size = IommuIoasAlloc.ByteSize, Flags = 1 }));
        Assert.Equal(Errno.EOPNOTSUPP, Invoke(iommu, IommufdCalls.IoasAllowIovas, new IommuIoasAllowIovas { Size = IommuIoasAllowIovas.ByteSize, IoasId = ioas, Reserved = 1 }));
        Assert.Equal(Errno.EOPNOTSUPP, Invoke(iommu, IommufdCalls.IoasIovaRanges, new IommuIoasIovaRanges { Size = IommuIoasIovaRanges.ByteSize, IoasId = ioas, Reserved = 1 }));
        Assert.Equal(Errno.EOPNOTSUPP, Invoke(iommu, IommufdCalls.FaultQueueAlloc, new IommuFaultAlloc { Size = IommuFaultAlloc.ByteSize, Flags = 1 }));
        Assert.Equal(Errno.EOPNOTSUPP, Invoke(iommu, IommufdCalls.IoasChangeProcess, new IommuIoasChangeProcess { Size = IommuIoasChangeProcess.ByteSize, Reserved = 1 }));
    }

    private static void Unprivileged()
    {
        using Iommu iommu = new();
        ulong mode = 1;
        ulong length = Page;
        Capabilities.Without(() =>
        {
            Assert.Equal(Errno.EPERM, iommu.Calls.TryOption(OptionId.RlimitMode, OptionOp.Set, default, ref mode).Errno);
            Assert.Equal(Errno.EPERM, iommu.Calls.TryIoasNoiommuGetPa(new IoasId(1), 0, ref length, out _).Errno);
        });
    }

    private static void NoPlace()
    {
        using Iommu iommu = new();
        IoasId source = iommu.Calls.IoasAlloc();
        IoasId full = iommu.Calls.IoasAlloc();
        iommu.Calls.IoasAllowIovas(full, [new IommuIovaRange { Start = Page, Last = (2 * Page) - 1 }]);
        using UserMemory memory = Iommu.Memory(2);
        ulong from = iommu.Map(source, memory);
        ulong to = 0;
        Assert.Equal(Errno.ENOSPC, iommu.Calls.TryIoasCopy(Both, full, source, memory.Length, ref to, from).Errno);
        Fd file = new((int)LinuxTransport.OpenMemory("teeio", 2 * Page).Value);
        Assert.Equal(Errno.ENOSPC, iommu.Calls.TryIoasMapFile(Both, full, file, 0, 2 * Page, ref to).Errno);
        Iommu.Close(file);
    }

    private static void VfioRecords()
    {
        using Iommu iommu = new();
        using EduDevice edu = new(iommu);
        CallInfo[] calls = [VfioCalls.GetInfo, VfioCalls.GetRegionInfo, VfioCalls.GetIrqInfo, VfioCalls.SetIrqs, VfioCalls.Feature, VfioCalls.FeatureDmaBuf, VfioCalls.AttachIommufdPt, VfioCalls.DetachIommufdPt];
        foreach (CallInfo call in calls) Assert.Equal(Errno.EFAULT, Invoke(edu.File, call, []), call.Name);
        Fd unbound = EduDevice.Open(EduDevice.Second);
        Assert.Equal(Errno.EFAULT, Invoke(unbound, VfioCalls.BindIommufd, []));
        Iommu.Close(unbound);
        Assert.Equal(Errno.EINVAL, edu.Calls.TryDetachIommufdPt((VfioDetachFlags)(1 << 9), 0).Errno);
    }

    private static void Window()
    {
        using Iommu iommu = new();
        using EduDevice edu = new(iommu);
        IoasId ioas = iommu.Calls.IoasAlloc();
        using UserMemory memory = Iommu.Memory(1);
        iommu.Map(ioas, memory, 0xFEE0_0000);
        PageTableId table = ioas;
        Assert.Equal(Errno.EADDRINUSE, edu.Calls.TryAttachIommufdPt(VfioAttachFlags.None, ref table, 0).Errno);
        iommu.Unmap(ioas, 0xFEE0_0000, Page);
        edu.Attach(ioas);
    }

    private static void KvmRefusals() => KvmCases.With(VmType.SwProtectedVm, (_, vm) =>
    {
        using UserMemory memory = Iommu.Memory(2);
        Fd none = Fd.None;
        vm.SetUserMemoryRegion2(0, MemoryFlags.None, 0, 2 * Page, memory, 0, 0, none);
        Assert.Equal(Errno.EEXIST, vm.TrySetUserMemoryRegion2(1, MemoryFlags.None, Page, Page, memory, 0, 0, none).Errno);
        KvmDeviceClient device = new(Iommu.Linux, vm.CreateDevice(KvmDeviceType.Vfio, CreateDeviceFlags.None), Outcomes.Hub);
        Assert.Equal(Errno.EBUSY, vm.TryCreateDevice(KvmDeviceType.Vfio, out none, CreateDeviceFlags.None).Errno);
        Assert.Equal(Errno.EBADF, device.TryVfioFileDel(new Fd(999)).Errno);
        Assert.Equal(Errno.EFAULT, Invoke(device.Fd, KvmCalls.VfioFileAdd, FileAttribute(KvmVfioFileAttr.FileAdd)));
        Assert.Equal(Errno.EFAULT, Invoke(device.Fd, KvmCalls.VfioFileDel, FileAttribute(KvmVfioFileAttr.FileDel)));
        Iommu.Close(device.Fd);
    });

    private static void TooManyFiles() => KvmCases.With(VmType.SwProtectedVm, (_, vm) =>
    {
        List<Fd> files = [];
        SysResult opened;
        while ((opened = LinuxTransport.OpenEvent()).IsOk) files.Add(new Fd((int)opened.Value));
        Assert.Equal(Errno.EMFILE, opened.Errno);
        Errno refused = vm.TryCreateGuestMemfd(Page, GuestMemfdFlags.None, out Fd _).Errno;
        foreach (Fd file in files) Iommu.Close(file);
        Assert.Equal(Errno.EMFILE, refused);
    });

    private static void MemoryFault() => KvmCases.With(VmType.SwProtectedVm, (system, vm) =>
    {
        const ulong reset = (1ul << 32) - Page;
        using UserMemory code = Iommu.Linux.Allocate(Page);
        vm.SetUserMemoryRegion2(0, MemoryFlags.None, reset, Page, code, 0, 0, Fd.None);
        vm.SetMemoryAttributes(reset, Page, MemoryAttributes.Private);
        Fd vcpu = vm.CreateVcpu(0);
        using UserMemory shared = Iommu.Linux.Map(vcpu, 0, (ulong)system.GetVcpuMmapSize(), out _)!;
        Assert.Equal(Errno.EFAULT, new KvmVcpuClient(Iommu.Linux, vcpu, Outcomes.Hub).TryRun().Errno);
        KvmRun run = KvmCases.Read(shared);
        Assert.Equal(ExitReason.MemoryFault, run.ExitReason);
        Assert.True(KvmExitMemoryFault.TryRead(run.Exit, out KvmExitMemoryFault fault));
        Assert.Equal((MemoryFaultFlags.Private, reset, Page), (fault.Flags, fault.Gpa, fault.Size));
        Iommu.Close(vcpu);
    });

    private static void ImmediateExit() => KvmCases.With(VmType.DefaultVm, (system, vm) =>
    {
        Fd vcpu = vm.CreateVcpu(0);
        using UserMemory shared = Iommu.Linux.Map(vcpu, 0, (ulong)system.GetVcpuMmapSize(), out _)!;
        KvmRun run = KvmCases.Read(shared);
        run.ImmediateExit = 1;
        byte[] bytes = new byte[KvmRun.ByteSize];
        run.Write(bytes);
        shared.Write(0, bytes);
        Assert.Equal(Errno.EINTR, new KvmVcpuClient(Iommu.Linux, vcpu, Outcomes.Hub).TryRun().Errno);
        Iommu.Close(vcpu);
    });

    private static byte[] FileAttribute(KvmVfioFileAttr attribute)
    {
        KvmDeviceAttr record = new() { Group = (uint)KvmVfioGroup.File, Attr = (ulong)attribute };
        return PageTableCases.Bytes(ref record).ToArray();
    }

    private static Errno Invoke<T>(Iommu iommu, CallInfo call, T record)
        where T : unmanaged => Invoke(iommu.Fd, call, MemoryMarshal.AsBytes(new Span<T>(ref record)).ToArray());

    private static Errno Invoke(Fd fd, CallInfo call, byte[] record) => IoctlBoundary.Invoke(Outcomes.Hub, call, Iommu.Linux, fd, new IoctlFrame(record)).Errno;
}
