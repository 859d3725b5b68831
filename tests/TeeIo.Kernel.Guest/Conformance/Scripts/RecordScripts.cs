using System.Buffers.Binary;
using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Linux.Iommufd;
using TeeIo.Linux.Kvm;
using TeeIo.Linux.Vfio;

namespace TeeIo.Kernel.Guest.Conformance.Scripts;

/// <summary>Records that are wrong in themselves: too short, too long, with reserved fields set; and calls on the wrong kind of file.</summary>
internal static class RecordScripts
{
    private static readonly CallInfo[] s_iommufd =
    [
        IommufdCalls.Destroy, IommufdCalls.IoasAlloc, IommufdCalls.IoasAllowIovas, IommufdCalls.IoasCopy, IommufdCalls.IoasIovaRanges, IommufdCalls.IoasMap, IommufdCalls.IoasUnmap,
        IommufdCalls.Option, IommufdCalls.VfioIoas, IommufdCalls.HwptAlloc, IommufdCalls.GetHwInfo, IommufdCalls.HwptSetDirtyTracking, IommufdCalls.HwptGetDirtyBitmap, IommufdCalls.HwptInvalidate,
        IommufdCalls.FaultQueueAlloc, IommufdCalls.IoasMapFile, IommufdCalls.ViommuAlloc, IommufdCalls.VdeviceAlloc, IommufdCalls.IoasChangeProcess, IommufdCalls.VeventqAlloc,
        IommufdCalls.HwQueueAlloc, IommufdCalls.IoasNoiommuGetPa,
    ];

    private static readonly CallInfo[] s_vfio =
    [
        VfioCalls.GetInfo, VfioCalls.GetRegionInfo, VfioCalls.GetIrqInfo, VfioCalls.SetIrqs, VfioCalls.PciHotReset,
        VfioCalls.AttachIommufdPt, VfioCalls.DetachIommufdPt, VfioCalls.BindIommufd,
    ];

    public static IReadOnlyList<Script> All { get; } =
    [
        .. s_iommufd.Select(call => new Script("records: sizes of " + call.Name, s => Sizes(s, s.Iommufd().Fd, call))),
        .. s_vfio.Select(call => new Script("records: sizes of " + call.Name, s => VfioSizes(s, call))),
        new("records: reserved fields", Reserved),
        new("records: numbers that no call has", UnknownNumbers),
        new("records: the wrong kind of file", WrongFile),
    ];

    /// <summary>All zeroes, of every stated size; then one byte set behind what the kernel knows.</summary>
    private static void Sizes(Session s, Fd fd, CallInfo call)
    {
        for (int size = 0; size <= 72; size += 4) Send(size, -1);
        Send(96, -1);
        for (int at = 4; at < 96; at += 4) Send(96, at);

        void Send(int size, int set)
        {
            byte[] record = new byte[Math.Max(size, 96)];
            BinaryPrimitives.WriteInt32LittleEndian(record, size);
            if (set >= 72) record[set] = 1;
            else if (set >= 0) return;
            s.Raw(fd, call, record);
        }
    }

    private static void VfioSizes(Session s, CallInfo call)
    {
        VfioDeviceClient device = s.Device();
        IommufdClient iommu = s.Iommufd();
        if (call != VfioCalls.BindIommufd) device.TryBindIommufd(VfioBindFlags.None, iommu.Fd, out _, []);
        for (int size = 0; size <= 48; size += 4)
        {
            byte[] record = new byte[64];
            BinaryPrimitives.WriteInt32LittleEndian(record, size);
            if (call == VfioCalls.BindIommufd) BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(8), 999);
            s.Raw(device.Fd, call, record);
        }
    }

    private static void Reserved(Session s)
    {
        Fd fd = s.Iommufd().Fd;
        s.Raw(fd, IommufdCalls.IoasAlloc, Words(12, 1, 0));
        s.Raw(fd, IommufdCalls.IoasAllowIovas, Words(24, 77, 0, 1, 0, 0));
        s.Raw(fd, IommufdCalls.IoasIovaRanges, Words(32, 77, 0, 1, 0, 0, 0, 0));
        s.Raw(fd, IommufdCalls.IoasMap, Words(40, 6, 77, 1, 0, 0, 0, 0, 0, 0));
        s.Raw(fd, IommufdCalls.Option, Words(24, 0, 1 | (1 << 16), 0, 0, 0));
        s.Raw(fd, IommufdCalls.Option, Words(24, 99, 1 | (1 << 16), 0, 0, 0));
        s.Raw(fd, IommufdCalls.VfioIoas, Words(12, 0, 0 | (1 << 16)));
        s.Raw(fd, IommufdCalls.HwptAlloc, Words(48, 0, 77, 77, 0, 1, 0, 0, 0, 0, 0, 0));
        s.Raw(fd, IommufdCalls.GetHwInfo, Words(40, 0, 77, 0, 0, 0, 0, 1 << 8, 0, 0));
        s.Raw(fd, IommufdCalls.HwptSetDirtyTracking, Words(16, 0, 77, 1));
        s.Raw(fd, IommufdCalls.HwptGetDirtyBitmap, Words(48, 77, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0));
        s.Raw(fd, IommufdCalls.HwptInvalidate, Words(32, 77, 0, 0, 0, 0, 0, 1));
        s.Raw(fd, IommufdCalls.FaultQueueAlloc, Words(16, 1, 0, 0));
        s.Raw(fd, IommufdCalls.ViommuAlloc, Words(40, 1, 1, 77, 77, 0, 0, 0, 0, 0));
        s.Raw(fd, IommufdCalls.ViommuAlloc, Words(40, 0, 1, 77, 77, 0, 0, 1, 0, 0));
        s.Raw(fd, IommufdCalls.IoasChangeProcess, Words(8, 1));
        s.Raw(fd, IommufdCalls.VeventqAlloc, Words(32, 1, 77, 1, 1, 0, 0, 0));
        s.Raw(fd, IommufdCalls.VeventqAlloc, Words(32, 0, 77, 1, 0, 0, 0, 1));
        s.Raw(fd, IommufdCalls.HwQueueAlloc, Words(40, 1, 77, 1, 0, 0, 0, 0, 1, 0));
        s.Raw(fd, IommufdCalls.IoasNoiommuGetPa, Words(40, 1, 77, 0, 0, 0, 1, 0, 0, 0));
        s.Raw(fd, IommufdCalls.IoasNoiommuGetPa, Words(40, 0, 77, 1, 0, 0, 1, 0, 0, 0));
    }

    private static void UnknownNumbers(Session s)
    {
        const uint Type = 0x3B00;
        Fd iommu = s.Iommufd().Fd;
        VfioScripts.Bind(s, s.Iommufd(iommu), out VfioDeviceClient device, out _);
        KvmVmClient vm = KvmScripts.Vm(s, out KvmClient kvm);
        foreach (Fd fd in new[] { iommu, device.Fd, kvm.Fd, vm.Fd })
        {
            s.Raw(fd, "number-1", 1, new byte[16]);
            s.Raw(fd, "last-number", Type | byte.MaxValue, new byte[16]);
            s.Raw(fd, "number-0x98", Type + 0x98, new byte[16]);
        }
    }

    private static void WrongFile(Session s)
    {
        Fd iommu = s.Iommufd().Fd;
        VfioScripts.Bind(s, s.Iommufd(iommu), out VfioDeviceClient device, out _);
        KvmVmClient vm = KvmScripts.Vm(s, out KvmClient kvm);
        Fd buffer = DmaBufScripts.Export(s, device, 0, Session.Page);
        foreach (Fd fd in new[] { iommu, device.Fd, kvm.Fd, vm.Fd, buffer, new Fd(999) })
        {
            s.Raw(fd, IommufdCalls.IoasAlloc, Words(12, 0, 0));
            s.Raw(fd, VfioCalls.GetIrqInfo, Words(16, 0, 0, 0));
            s.Raw(fd, KvmCalls.SetMemoryAttributes, new byte[32]);
            s.Raw(fd, KvmCalls.GetApiVersion);
        }
    }

    private static byte[] Words(params ReadOnlySpan<int> words)
    {
        byte[] bytes = new byte[words.Length * sizeof(int)];
        for (int i = 0; i < words.Length; i++) BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(i * sizeof(int)), words[i]);
        return bytes;
    }
}
