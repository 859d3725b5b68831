using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Linux.Iommufd;

namespace TeeIo.Kernel.Guest.Cases;

/// <summary>I/O page faults.</summary>
internal static class FaultCases
{
    public static IReadOnlyList<KernelCase> All { get; } =
    [
        new("IOMMU_FAULT_QUEUE_ALLOC: a fault of the device arrives on the queue, and its answer is taken once", Fault),
        new("IOMMU_FAULT_QUEUE_ALLOC: a queue that a page table uses is EBUSY, and gone with its file and id", Lifetime),
    ];

    private static void Fault()
    {
        using Iommu iommu = new();
        MockDevice device = iommu.Device();
        iommu.Calls.FaultQueueAlloc(out FaultId fault, out Fd queue);
        HwptId hwpt = PageTableCases.MakeNested(iommu, device.Device, iommu.Hwpt(device, HwptAllocFlags.AllocNestParent), 1, fault);
        PageTableId table = hwpt;
        iommu.Mock.MockDomainReplace(device.Mock.Value, ref table);
        Assert.Equal(0, LinuxTransport.Wait(queue, TimeSpan.Zero).Value);
        iommu.Mock.TriggerIopf(0, device.Device, 1, 2, PgfaultPerm.Read | PgfaultPerm.Write, 0xDEAD_B000);
        Assert.Equal(1, LinuxTransport.Wait(queue, TimeSpan.FromSeconds(5)).Value);
        byte[] bytes = new byte[IommuHwptPgfault.ByteSize];
        Assert.Equal(bytes.Length, Iommu.Linux.Receive(queue, bytes).Value);
        Assert.True(IommuHwptPgfault.TryRead(bytes, out IommuHwptPgfault record));
        Assert.Equal((device.Device, 1u, 2u, 0xDEAD_B000ul), (record.DevId, record.Pasid, record.Grpid, record.Addr));
        Assert.Equal(PgfaultPerm.Read | PgfaultPerm.Write, record.Perm);
        IommuHwptPageResponse answer = new() { Cookie = record.Cookie, Code = PageResponseCode.Success };
        Assert.Equal(IommuHwptPageResponse.ByteSize, Iommu.Linux.Send(queue, PageTableCases.Bytes(ref answer)).Value);
        Assert.Equal(Errno.EINVAL, Iommu.Linux.Send(queue, PageTableCases.Bytes(ref answer)).Errno);
        table = device.Ioas;
        iommu.Mock.MockDomainReplace(device.Mock.Value, ref table);
        iommu.Calls.Destroy(hwpt);
        Iommu.Close(queue);
        iommu.Calls.Destroy(fault);
    }

    private static void Lifetime()
    {
        using Iommu iommu = new();
        MockDevice device = iommu.Device();
        iommu.Calls.FaultQueueAlloc(out FaultId fault, out Fd queue);
        HwptId hwpt = PageTableCases.MakeNested(iommu, device.Device, iommu.Hwpt(device, HwptAllocFlags.AllocNestParent), 1, fault);
        Assert.Equal(Errno.EBUSY, iommu.Calls.TryDestroy(fault).Errno);
        iommu.Calls.Destroy(hwpt);
        Iommu.Close(queue);
        iommu.Calls.Destroy(fault);
        Assert.Equal(Errno.ENOENT, iommu.Calls.TryDestroy(fault).Errno);
    }
}
