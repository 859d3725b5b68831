using TeeIo.Linux.Iommufd;

namespace TeeIo.Kernel.Guest.Conformance.Scripts;

/// <summary>vIOMMUs, as far as an IOMMU goes that has none.</summary>
internal static class ViommuScripts
{
    private const ulong Page = Session.Page;
    private static readonly ViommuId s_none = new(77);
    private static readonly DeviceId s_noDevice = new(77);

    public static IReadOnlyList<Script> All { get; } =
    [
        new("viommu: alloc", Alloc),
        new("viommu: vDEVICEs", Vdevice),
        new("viommu: event queues", Events),
        new("viommu: hardware queues", Queues),
    ];

    private static void Alloc(Session s)
    {
        IommufdClient iommu = s.Iommufd();
        VfioScripts.Bind(s, iommu, out _, out DeviceId id);
        iommu.TryIoasAlloc(out IoasId ioas);
        iommu.TryHwptAlloc(HwptAllocFlags.None, id, ioas, out HwptId hwpt, HwptDataType.None, [], default);
        foreach (ViommuType type in new[] { ViommuType.Default, ViommuType.ArmSmmuv3, (ViommuType)99 })
        {
            iommu.TryViommuAlloc(type, id, hwpt, out _, []);
            iommu.TryViommuAlloc(type, id, new HwptId(77), out _, []);
            iommu.TryViommuAlloc(type, s_noDevice, hwpt, out _, []);
            iommu.TryViommuAlloc(type, id, hwpt, out _, new byte[8]);
        }

        s.Raw(iommu.Fd, IommufdCalls.ViommuAlloc, Session.Bytes(new IommuViommuAlloc { Size = IommuViommuAlloc.ByteSize, DevId = s_noDevice, Type = (ViommuType)1 }));
    }

    private static void Vdevice(Session s)
    {
        IommufdClient iommu = s.Iommufd();
        VfioScripts.Bind(s, iommu, out _, out DeviceId id);
        iommu.TryIoasAlloc(out IoasId ioas);
        iommu.TryVdeviceAlloc(s_none, id, out _, 1);
        iommu.TryVdeviceAlloc(s_none, s_noDevice, out _, ulong.MaxValue);
        iommu.TryVdeviceAlloc(new ViommuId(ioas.Value), id, out _, 1);
    }

    private static void Events(Session s)
    {
        IommufdClient iommu = s.Iommufd();
        iommu.TryIoasAlloc(out IoasId ioas);
        foreach (VeventqType type in new[] { VeventqType.Default, VeventqType.ArmSmmuv3, (VeventqType)99 })
        {
            iommu.TryVeventqAlloc(s_none, type, 0, out _, out _);
            iommu.TryVeventqAlloc(s_none, type, 1, out _, out _);
            iommu.TryVeventqAlloc(s_none, type, 1 << 19, out _, out _);
            iommu.TryVeventqAlloc(s_none, type, (1 << 19) + 1, out _, out _);
            iommu.TryVeventqAlloc(new ViommuId(ioas.Value), type, 1, out _, out _);
        }
    }

    private static void Queues(Session s)
    {
        IommufdClient iommu = s.Iommufd();
        iommu.TryIoasAlloc(out IoasId ioas);
        foreach (HwQueueType type in new[] { HwQueueType.Default, HwQueueType.Tegra241Cmdqv, (HwQueueType)99 })
        {
            iommu.TryHwQueueAlloc(s_none, type, 0, out _, 0, 0);
            iommu.TryHwQueueAlloc(s_none, type, 0, out _, 0, Page);
            iommu.TryHwQueueAlloc(s_none, type, 0, out _, ulong.MaxValue, Page);
            iommu.TryHwQueueAlloc(s_none, type, 0, out _, ulong.MaxValue, 1);
            iommu.TryHwQueueAlloc(new ViommuId(ioas.Value), type, 0, out _, 0, Page);
        }
    }
}
