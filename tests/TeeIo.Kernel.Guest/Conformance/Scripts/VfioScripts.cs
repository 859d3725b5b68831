using TeeIo.Boundaries;
using TeeIo.Linux.Iommufd;
using TeeIo.Linux.Vfio;
using TeeIo.Pci.Configuration;

namespace TeeIo.Kernel.Guest.Conformance.Scripts;

/// <summary>VFIO's device file.</summary>
internal static class VfioScripts
{
    private const ulong Page = Session.Page;
    private const int RegionShift = 40;
    private const ulong BarLength = 1 << 20;

    public static IReadOnlyList<Script> All { get; } =
    [
        new("vfio: a device that isn't bound", Unbound),
        new("vfio: bind", Bind),
        new("vfio: attach and detach", AttachAndDetach),
        new("vfio: what the device is", Infos),
        new("vfio: regions", Regions),
        new("vfio: interrupts", Interrupts),
        new("vfio: set interrupts", SetInterrupts),
        new("vfio: configuration space", ConfigSpace),
        new("vfio: memory decoding and bus mastering", Command),
        new("vfio: a BAR read and written", BarAccess),
        new("vfio: a BAR mapped", BarMapping),
        new("vfio: reset", Reset),
        new("vfio: features", Features),
        new("vfio: two files of a device", TwoFiles),
        new("vfio: two devices in two iommufds", TwoIommufds),
    ];

    /// <summary>Offset of a region in a device's file.</summary>
    public static ulong Region(VfioPciRegion region) => (ulong)region << RegionShift;

    /// <summary>Opens a device and binds it.</summary>
    public static void Bind(Session s, IommufdClient iommu, out VfioDeviceClient device, out DeviceId id, bool isOther = false)
    {
        device = s.Device(isOther);
        device.TryBindIommufd(VfioBindFlags.None, iommu.Fd, out id, []);
    }

    /// <summary>Attaches a device.</summary>
    /// <returns>The page table that the kernel says it took.</returns>
    public static PageTableId Attach(VfioDeviceClient device, PageTableId table)
    {
        device.TryAttachIommufdPt(VfioAttachFlags.None, ref table, 0);
        return table;
    }

    private static void Unbound(Session s)
    {
        VfioDeviceClient device = s.Device();
        device.TryGetInfo(out _, out _, out _, out _);
        device.TryGetRegionInfo(out _, 0, out _, out _, out _);
        device.TryGetIrqInfo(out _, 0, out _);
        device.TrySetIrqs(VfioIrqSetFlags.DataNone | VfioIrqSetFlags.ActionTrigger, 0, 0, []);
        device.TryReset();
        device.TryPciHotReset([]);
        device.TryGetPciHotResetInfo(out _, out _);
        device.TryFeature(VfioFeatureFlags.Probe | VfioFeatureFlags.Get | (VfioFeatureFlags)VfioFeature.DmaBuf);
        Attach(device, new IoasId(1));
        device.TryDetachIommufdPt(VfioDetachFlags.None, 0);
        s.Read(device.Fd, 0, 4);
        s.Write(device.Fd, 0, 1, 2, 3, 4);
        s.Map(device.Fd, 0, Page);
        s.Raw(device.Fd, IommufdCalls.IoasAlloc, new byte[12]);
    }

    private static void Bind(Session s)
    {
        IommufdClient iommu = s.Iommufd();
        VfioDeviceClient device = s.Device();
        device.TryBindIommufd(VfioBindFlags.None, new Fd(999), out _, []);
        device.TryBindIommufd(VfioBindFlags.None, Fd.None, out _, []);
        device.TryBindIommufd(VfioBindFlags.None, device.Fd, out _, []);
        device.TryBindIommufd((VfioBindFlags)(1 << 9), iommu.Fd, out _, []);
        device.TryBindIommufd((VfioBindFlags)(1 << 9), new Fd(999), out _, []);
        device.TryBindIommufd(VfioBindFlags.Token, iommu.Fd, out _, [default]);
        device.TryBindIommufd(VfioBindFlags.None, iommu.Fd, out DeviceId id, []);
        device.TryBindIommufd(VfioBindFlags.None, iommu.Fd, out _, []);
        device.TryBindIommufd(VfioBindFlags.None, new Fd(999), out _, []);
        iommu.TryDestroy(new ObjectId(id.Value));
        iommu.TryIoasAlloc(out _);
    }

    private static void AttachAndDetach(Session s)
    {
        IommufdClient iommu = s.Iommufd();
        Bind(s, iommu, out VfioDeviceClient device, out DeviceId id);
        iommu.TryIoasAlloc(out IoasId ioas);
        Call(VfioAttachFlags.None, new PageTableId(77));
        Call(VfioAttachFlags.None, new PageTableId(id.Value));
        Call(VfioAttachFlags.Pasid, ioas);
        Call(VfioAttachFlags.Pasid, new PageTableId(77));
        Call((VfioAttachFlags)(1 << 9), new PageTableId(77));
        device.TryDetachIommufdPt(VfioDetachFlags.None, 0);
        device.TryDetachIommufdPt((VfioDetachFlags)(1 << 9), 0);
        device.TryDetachIommufdPt(VfioDetachFlags.Pasid, 5);
        Call(VfioAttachFlags.None, ioas);
        Call(VfioAttachFlags.None, new PageTableId(77));
        iommu.TryDestroy(ioas);
        device.TryDetachIommufdPt(VfioDetachFlags.None, 0);
        iommu.TryDestroy(ioas);

        void Call(VfioAttachFlags flags, PageTableId table) => device.TryAttachIommufdPt(flags, ref table, 5);
    }

    private static void Infos(Session s)
    {
        Bind(s, s.Iommufd(), out VfioDeviceClient device, out _);
        device.TryGetInfo(out _, out _, out _, out _);
    }

    private static void Regions(Session s)
    {
        Bind(s, s.Iommufd(), out VfioDeviceClient device, out _);
        for (uint index = 0; index < 12; index++) device.TryGetRegionInfo(out _, index, out _, out _, out _);
        device.TryGetRegionInfo(out _, uint.MaxValue, out _, out _, out _);
    }

    private static void Interrupts(Session s)
    {
        Bind(s, s.Iommufd(), out VfioDeviceClient device, out _);
        for (uint index = 0; index < 7; index++) device.TryGetIrqInfo(out _, index, out _);
    }

    private static void SetInterrupts(Session s)
    {
        const VfioIrqSetFlags Trigger = VfioIrqSetFlags.ActionTrigger;
        const VfioIrqSetFlags Events = VfioIrqSetFlags.DataEventfd | Trigger;
        IommufdClient iommu = s.Iommufd();
        Bind(s, iommu, out VfioDeviceClient device, out _);
        const uint Msi = (uint)VfioPciIrq.MsiIrqIndex;
        device.TrySetIrqs(Events, 99, 0, [Fd.None]);
        device.TrySetIrqs(Events, Msi, 1, [Fd.None]);
        device.TrySetIrqs(Events, Msi, 0, [Fd.None, Fd.None]);
        device.TrySetIrqs(Events, Msi, 7, [Fd.None]);
        device.TrySetIrqs(VfioIrqSetFlags.DataEventfd, Msi, 0, [Fd.None]);
        device.TrySetIrqs(VfioIrqSetFlags.DataEventfd | VfioIrqSetFlags.ActionMask, Msi, 0, [Fd.None]);
        device.TrySetIrqs(VfioIrqSetFlags.DataEventfd | VfioIrqSetFlags.ActionMask | Trigger, Msi, 0, [Fd.None]);
        device.TrySetIrqs(VfioIrqSetFlags.DataEventfd | VfioIrqSetFlags.DataNone | Trigger, Msi, 0, [Fd.None]);
        device.TrySetIrqs(Trigger, Msi, 0, []);
        device.TrySetIrqs(Events | (VfioIrqSetFlags)(1 << 9), Msi, 0, [Fd.None]);
        device.TrySetIrqs(Events, Msi, 0, [new Fd(999)]);
        device.TrySetIrqs(Events, Msi, 0, [iommu.Fd]);
        device.TrySetIrqs(VfioIrqSetFlags.DataNone | Trigger, Msi, 0, []);
        device.TrySetIrqs(Events, Msi, 0, [Fd.None]);
        device.TrySetIrqs(VfioIrqSetFlags.DataNone | Trigger, Msi, 0, []);
        device.TrySetIrqs(VfioIrqSetFlags.DataNone | Trigger, (uint)VfioPciIrq.MsixIrqIndex, 0, []);
        device.TrySetIrqs(VfioIrqSetFlags.DataNone | Trigger, (uint)VfioPciIrq.IntxIrqIndex, 0, []);
        device.TrySetIrqs(VfioIrqSetFlags.DataNone | Trigger, (uint)VfioPciIrq.ErrIrqIndex, 0, []);
        device.TrySetIrqs(VfioIrqSetFlags.DataNone | VfioIrqSetFlags.ActionMask, (uint)VfioPciIrq.ErrIrqIndex, 0, []);
    }

    private static void ConfigSpace(Session s)
    {
        Bind(s, s.Iommufd(), out VfioDeviceClient device, out _);
        ulong config = Region(VfioPciRegion.ConfigRegionIndex);
        s.Read(device.Fd, config, 4);
        s.Read(device.Fd, config, 2);
        s.Read(device.Fd, config + 1, 1);
        s.Read(device.Fd, config + 1, 2);
        s.Read(device.Fd, config + 2, 8);
        s.Read(device.Fd, config + 3, 3);
        s.Read(device.Fd, config, 0);
        s.Read(device.Fd, config + ConfigSpaceConstants.LegacySize - 4, 4);
        s.Read(device.Fd, config + ConfigSpaceConstants.LegacySize - 2, 4);
        s.Read(device.Fd, config + ConfigSpaceConstants.LegacySize, 4);
        s.Write(device.Fd, config + ConfigSpaceConstants.LegacySize, 1);
        s.Write(device.Fd, config + (ulong)ConfigRegister.VendorId, 1, 2);
        s.Read(device.Fd, config + (ulong)ConfigRegister.VendorId, 2);
        ulong bar = config + (ulong)ConfigRegister.BaseAddress0;
        s.Write(device.Fd, bar, 0xFF, 0xFF, 0xFF, 0xFF);
        s.Read(device.Fd, bar, 4);
        s.Write(device.Fd, bar + 2, 0x55);
        s.Read(device.Fd, bar, 4);
        s.Write(device.Fd, bar + 4, 0xFF, 0xFF, 0xFF, 0xFF);
        s.Read(device.Fd, bar + 4, 4);
        s.Write(device.Fd, config + (ulong)ConfigRegister.InterruptLine, 0x5A);
        s.Read(device.Fd, config + (ulong)ConfigRegister.InterruptLine, 1);
        s.Read(device.Fd, Region(VfioPciRegion.VgaRegionIndex), 4);
        s.Read(device.Fd, Region(VfioPciRegion.RomRegionIndex), 4);
        s.Write(device.Fd, Region(VfioPciRegion.RomRegionIndex), 4);
        s.Read(device.Fd, Region((VfioPciRegion)20), 4);
    }

    private static void Command(Session s)
    {
        Bind(s, s.Iommufd(), out VfioDeviceClient device, out _);
        ulong command = Region(VfioPciRegion.ConfigRegionIndex) + (ulong)ConfigRegister.Command;
        foreach (ConfigCommand value in new[] { ConfigCommand.Memory | ConfigCommand.Master, ConfigCommand.Master, (ConfigCommand)0, ConfigCommand.Memory })
        {
            s.Read(device.Fd, command, 2);
            s.Write(device.Fd, command, (byte)value, 0);
            s.Read(device.Fd, command, 2);
            s.Read(device.Fd, Region(VfioPciRegion.Bar0RegionIndex), 4);
            s.Write(device.Fd, Region(VfioPciRegion.Bar0RegionIndex) + 4, 1, 2, 3, 4);
        }
    }

    private static void BarAccess(Session s)
    {
        Bind(s, s.Iommufd(), out VfioDeviceClient device, out _);
        ulong bar = Region(VfioPciRegion.Bar0RegionIndex);
        s.Read(device.Fd, bar, 4);
        s.Write(device.Fd, bar + 4, 0x78, 0x56, 0x34, 0x12);
        s.Read(device.Fd, bar + 4, 4);
        s.Read(device.Fd, bar + BarLength - 4, 4);
        s.Read(device.Fd, bar + BarLength - 4, 8);
        s.Read(device.Fd, bar + BarLength, 4);
        s.Write(device.Fd, bar + BarLength, 1, 2, 3, 4);
        s.Read(device.Fd, bar, 0);
        s.Read(device.Fd, Region(VfioPciRegion.Bar1RegionIndex), 4);
    }

    private static void BarMapping(Session s)
    {
        Bind(s, s.Iommufd(), out VfioDeviceClient device, out _);
        ulong bar = Region(VfioPciRegion.Bar0RegionIndex);
        s.Load(s.Map(device.Fd, bar, Page), 0);
        s.Load(s.Map(device.Fd, bar, BarLength), 0);
        s.Map(device.Fd, bar + BarLength - Page, Page);
        s.Map(device.Fd, bar + BarLength - Page, 2 * Page);
        s.Map(device.Fd, bar + BarLength, Page);
        s.Map(device.Fd, Region(VfioPciRegion.Bar1RegionIndex), Page);
        s.Map(device.Fd, Region(VfioPciRegion.ConfigRegionIndex), Page);
        s.Map(device.Fd, Region((VfioPciRegion)20), Page);
        s.Map(device.Fd, bar + 1, Page);
        s.Map(device.Fd, bar, 0);
        s.Map(device.Fd, bar, 100);
    }

    private static void Reset(Session s)
    {
        Bind(s, s.Iommufd(), out VfioDeviceClient device, out _);
        device.TryReset();
        device.TryGetPciHotResetInfo(out _, out _);
        device.TryPciHotReset([]);
        device.TryPciHotReset([device.Fd]);
    }

    private static void Features(Session s)
    {
        const VfioFeatureFlags Get = VfioFeatureFlags.Get;
        const VfioFeatureFlags Set = VfioFeatureFlags.Set;
        const VfioFeatureFlags Probe = VfioFeatureFlags.Probe;
        Bind(s, s.Iommufd(), out VfioDeviceClient device, out _);
        foreach (VfioFeature feature in Enum.GetValues<VfioFeature>()) device.TryFeature(Probe | (VfioFeatureFlags)feature);
        foreach (VfioFeature feature in new[] { VfioFeature.DmaBuf, VfioFeature.Migration, VfioFeature.PciVfToken, (VfioFeature)999 })
        {
            foreach (VfioFeatureFlags flags in new[] { Probe | Get, Probe | Set, Probe | Get | Set, Probe, Get | Set, (VfioFeatureFlags)0, Get | (VfioFeatureFlags)(1 << 25) })
                device.TryFeature(flags | (VfioFeatureFlags)feature);
        }
    }

    private static void TwoFiles(Session s)
    {
        IommufdClient iommu = s.Iommufd();
        Bind(s, iommu, out VfioDeviceClient device, out _);
        VfioDeviceClient second = s.Device();
        second.TryBindIommufd(VfioBindFlags.None, iommu.Fd, out _, []);
        second.TryBindIommufd(VfioBindFlags.None, s.Iommufd().Fd, out _, []);
        s.Close(device.Fd);
        second.TryBindIommufd(VfioBindFlags.None, iommu.Fd, out _, []);
        second.TryGetIrqInfo(out _, 0, out _);
        s.Close(second.Fd);
        s.Close(second.Fd);
        second.TryGetIrqInfo(out _, 0, out _);
    }

    private static void TwoIommufds(Session s)
    {
        IommufdClient iommu = s.Iommufd();
        IommufdClient other = s.Iommufd();
        iommu.TryIoasAlloc(out _);
        Bind(s, iommu, out VfioDeviceClient device, out _);
        Bind(s, other, out VfioDeviceClient second, out DeviceId id, isOther: true);
        other.TryIoasAlloc(out IoasId ioas);
        Attach(device, ioas);
        Attach(second, ioas);
        Attach(device, new IoasId(1));
        iommu.TryHwptAlloc(HwptAllocFlags.None, id, ioas, out _, HwptDataType.None, [], default);
    }
}
