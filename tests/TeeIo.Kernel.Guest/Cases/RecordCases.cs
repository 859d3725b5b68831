using System.Buffers.Binary;
using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Linux;
using TeeIo.Linux.Iommufd;

namespace TeeIo.Kernel.Guest.Cases;

/// <summary>What is wrong with the record itself, the same for every call of IOMMUFD.</summary>
internal static class RecordCases
{
    private const int Longest = 256;

    // The smallest record that each call takes, where it isn't the whole one, is the spec's `extensible: min`; what is shorter than 8 bytes isn't accepted by any.
    private static readonly CallInfo[] s_calls =
    [
        IommufdCalls.Destroy, IommufdCalls.IoasAlloc, IommufdCalls.IoasAllowIovas, IommufdCalls.IoasCopy, IommufdCalls.IoasIovaRanges, IommufdCalls.IoasMap, IommufdCalls.IoasUnmap,
        IommufdCalls.Option, IommufdCalls.VfioIoas, IommufdCalls.HwptAlloc, IommufdCalls.GetHwInfo, IommufdCalls.HwptSetDirtyTracking, IommufdCalls.HwptGetDirtyBitmap,
        IommufdCalls.HwptInvalidate, IommufdCalls.FaultQueueAlloc, IommufdCalls.IoasMapFile, IommufdCalls.ViommuAlloc, IommufdCalls.VdeviceAlloc, IommufdCalls.IoasChangeProcess,
        IommufdCalls.VeventqAlloc, IommufdCalls.HwQueueAlloc, IommufdCalls.IoasNoiommuGetPa,
    ];

    public static IReadOnlyList<KernelCase> All { get; } =
    [
        new("IOMMUFD: of each call a record without room for its size field is EINVAL, one beyond the kernel's with a tail that isn't zero E2BIG, none EFAULT", Records),
        new("IOMMUFD: on a file that isn't /dev/iommu each call is ENOTTY", WrongFile),
    ];

    private static void Records()
    {
        using Iommu iommu = new();
        byte[] record = new byte[Longest];
        foreach (CallInfo call in s_calls)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(record, 4);
            Assert.Equal(Errno.EINVAL, Invoke(iommu.Fd, call, record), call.Name);
            BinaryPrimitives.WriteUInt32LittleEndian(record, Longest);
            record[^1] = 1;
            Assert.Equal(Errno.E2BIG, Invoke(iommu.Fd, call, record), call.Name);
            record[^1] = 0;
            Assert.Equal(Errno.EFAULT, Invoke(iommu.Fd, call, []), call.Name);
        }
    }

    private static void WrongFile()
    {
        Fd file = new((int)LinuxTransport.OpenMemory("teeio", Iommu.Page).Value);
        foreach (CallInfo call in s_calls) Assert.Equal(Errno.ENOTTY, Invoke(file, call, new byte[Longest]), call.Name);
        Iommu.Close(file);
    }

    private static Errno Invoke(Fd fd, CallInfo call, byte[] record) => IoctlBoundary.Invoke(Outcomes.Hub, call, Iommu.Linux, fd, new IoctlFrame(record)).Errno;
}
