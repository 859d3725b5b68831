using TeeIo.Boundaries;
using TeeIo.Kernel.Guest.Selftest;
using TeeIo.Linux;
using TeeIo.Linux.Iommufd;

namespace TeeIo.Kernel.Guest;

/// <summary>/dev/iommu, opened anew, with what cases do all the time.</summary>
internal sealed class Iommu : IDisposable
{
    public const ulong Page = 4096;

    public Iommu()
    {
        SysResult opened = Linux.Open("/dev/iommu");
        Assert.True(opened.IsOk, $"/dev/iommu: {opened}");
        Fd = new Fd((int)opened.Value);
        Calls = new IommufdClient(Linux, Fd, Outcomes.Hub);
        Quiet = new IommufdClient(Linux, Fd);
        Mock = new MockClient(Linux, Fd);
    }

    public static LinuxTransport Linux { get; } = new();

    public Fd Fd { get; }

    public IommufdClient Calls { get; }

    /// <summary>The same calls, reported to nobody: no memory is allocated around them.</summary>
    public IommufdClient Quiet { get; }

    public MockClient Mock { get; }

    /// <summary>Closes a descriptor.</summary>
    public static void Close(Fd fd) => Assert.True(Linux.Close(fd).IsOk);

    /// <summary>A number of pages, each filled with a byte of its own.</summary>
    public static UserMemory Memory(int pages)
    {
        UserMemory memory = Linux.Allocate((ulong)pages * Page);
        for (int i = 0; i < pages; i++) memory.Write((ulong)i * Page, Enumerable.Repeat((byte)(i + 1), (int)Page).ToArray());
        return memory;
    }

    /// <summary>Maps all of <paramref name="memory"/> where the kernel likes, or at an IOVA.</summary>
    public ulong Map(IoasId ioas, UserMemory memory, ulong? at = null)
    {
        ulong iova = at ?? 0;
        Calls.IoasMap(IoasMapFlags.Readable | IoasMapFlags.Writeable | (at is null ? IoasMapFlags.None : IoasMapFlags.FixedIova), ioas, memory, 0, memory.Length, ref iova);
        return iova;
    }

    /// <summary>Unmaps exactly what lies there.</summary>
    public void Unmap(IoasId ioas, ulong iova, ulong length)
    {
        ulong unmapped = length;
        Calls.IoasUnmap(ioas, iova, ref unmapped);
        Assert.Equal(length, unmapped);
    }

    /// <summary>A mock device, attached to a new IOAS.</summary>
    public MockDevice Device(MockDeviceFlags flags = MockDeviceFlags.None) => Device(Calls.IoasAlloc(), flags);

    /// <summary>A mock device, attached to <paramref name="ioas"/>.</summary>
    public MockDevice Device(IoasId ioas, MockDeviceFlags flags = MockDeviceFlags.None)
    {
        Mock.MockDomainFlags(ioas.Value, out MockDeviceId stdev, out HwptId hwpt, out DeviceId device, flags);
        return new MockDevice(ioas, stdev, hwpt, device);
    }

    /// <summary>A hardware page table for a device, made by the kernel from an IOAS.</summary>
    public HwptId Hwpt(MockDevice device, HwptAllocFlags flags) => Calls.HwptAlloc(flags, device.Device, device.Ioas, HwptDataType.None, [], default);

    public void Dispose() => Linux.Close(Fd);
}
