using TeeIo.Boundaries;
using TeeIo.Linux.Iommufd;
using TeeIo.Linux.Vfio;
using TeeIo.Pci.Configuration;

namespace TeeIo.Kernel.Guest.Conformance.Scripts;

/// <summary>Device memory as dma-bufs.</summary>
internal static class DmaBufScripts
{
    private const ulong Page = Session.Page;
    private const ulong At = 1 << 24;
    private const ulong BarLength = 1 << 20;
    private const IoasMapFlags Both = IoasMapFlags.Readable | IoasMapFlags.Writeable;

    public static IReadOnlyList<Script> All { get; } =
    [
        new("dma-buf: export", Export),
        new("dma-buf: order of export's errors", ExportErrors),
        new("dma-buf: map", Map),
        new("dma-buf: several ranges", SeveralRanges),
        new("dma-buf: revoked by the end of memory decoding", Revoke),
        new("dma-buf: made while memory isn't decoded", MadeRevoked),
        new("dma-buf: its device closes first", DeviceFirst),
        new("dma-buf: it closes first", BufferFirst),
    ];

    public static Fd Export(Session s, VfioDeviceClient device, ulong offset, ulong length)
    {
        device.TryFeatureDmaBuf(VfioPciRegion.Bar0RegionIndex, 0, [new VfioRegionDmaRange { Offset = offset, Length = length }], out Fd buffer);
        return s.Keep(buffer);
    }

    public static void MapFile(IommufdClient iommu, IoasId ioas, Fd file, ulong start, ulong length, ulong? at, IoasMapFlags flags = Both)
    {
        ulong iova = at ?? 0;
        iommu.TryIoasMapFile(flags | (at is null ? IoasMapFlags.None : IoasMapFlags.FixedIova), ioas, file, start, length, ref iova);
    }

    private static void SetCommand(Session s, VfioDeviceClient device, ConfigCommand value) =>
        s.Write(device.Fd, VfioScripts.Region(VfioPciRegion.ConfigRegionIndex) + (ulong)ConfigRegister.Command, (byte)value, 0);

    private static void Export(Session s)
    {
        VfioScripts.Bind(s, s.Iommufd(), out VfioDeviceClient device, out _);
        Export(s, device, 0, Page);
        Export(s, device, BarLength - Page, Page);
        Export(s, device, 0, BarLength);
        Fd buffer = Export(s, device, Page, Page);
        s.Read(buffer, 0, 4);
        s.Write(buffer, 0, 1);
        s.Close(buffer);
    }

    private static void ExportErrors(Session s)
    {
        VfioScripts.Bind(s, s.Iommufd(), out VfioDeviceClient device, out _);
        Call(VfioPciRegion.Bar0RegionIndex);
        Call(VfioPciRegion.Bar0RegionIndex, (0, 0));
        Call(VfioPciRegion.Bar0RegionIndex, (1, Page));
        Call(VfioPciRegion.Bar0RegionIndex, (0, 100));
        Call(VfioPciRegion.Bar0RegionIndex, (0, BarLength + Page));
        Call(VfioPciRegion.Bar0RegionIndex, (BarLength, Page));
        Call(VfioPciRegion.Bar0RegionIndex, (ulong.MaxValue - Page + 1, 2 * Page));
        Call(VfioPciRegion.Bar0RegionIndex, (ulong.MaxValue - Page + 1, Page));
        Call(VfioPciRegion.Bar0RegionIndex, (0, Page), (0, ulong.MaxValue - Page + 1));
        Call(VfioPciRegion.Bar1RegionIndex, (0, Page));
        Call(VfioPciRegion.ConfigRegionIndex, (0, Page));
        Call(VfioPciRegion.ConfigRegionIndex);
        Call((VfioPciRegion)99, (0, 1));

        void Call(VfioPciRegion region, params (ulong Offset, ulong Length)[] ranges)
        {
            device.TryFeatureDmaBuf(region, 0, [.. ranges.Select(r => new VfioRegionDmaRange { Offset = r.Offset, Length = r.Length })], out Fd buffer);
            s.Keep(buffer);
        }
    }

    private static void Map(Session s)
    {
        IommufdClient iommu = s.Iommufd();
        VfioScripts.Bind(s, iommu, out VfioDeviceClient device, out _);
        Fd buffer = Export(s, device, 0, 4 * Page);
        iommu.TryIoasAlloc(out IoasId ioas);
        MapFile(iommu, ioas, buffer, 0, Page, At);
        MapFile(iommu, ioas, buffer, 0, Page, At);
        MapFile(iommu, ioas, buffer, 0, 4 * Page, At + (4 * Page));
        MapFile(iommu, ioas, buffer, 0, 5 * Page, At + (8 * Page));
        MapFile(iommu, ioas, buffer, 3 * Page, 2 * Page, At + (8 * Page));
        MapFile(iommu, ioas, buffer, 4 * Page, Page, At + (8 * Page));
        MapFile(iommu, ioas, buffer, 100, 50, At + (8 * Page));
        MapFile(iommu, ioas, buffer, 1, Page, At + (10 * Page));
        MapFile(iommu, ioas, buffer, Page, Page, At + (12 * Page), IoasMapFlags.Readable);
        MapFile(iommu, ioas, buffer, 0, Page, null);
        MapFile(iommu, ioas, buffer, Page, Page, null);
        MapFile(iommu, ioas, buffer, 0, 0, At + (20 * Page));
        MapFile(iommu, new IoasId(77), buffer, 0, Page, At);
        MapFile(iommu, ioas, device.Fd, 0, Page, At + (20 * Page));
        iommu.TryIoasChangeProcess();
        ulong to = At + (32 * Page);
        iommu.TryIoasCopy(Both | IoasMapFlags.FixedIova, ioas, ioas, Page, ref to, At);
        IoasScripts.Unmap(iommu, ioas, At + (8 * Page), 50);
        IoasScripts.Unmap(iommu, ioas, At + (10 * Page), Page);
        VfioScripts.Attach(device, ioas);
        iommu.TryIoasNoiommuGetPa(ioas, At, ref to, out _);
        IoasScripts.Unmap(iommu, ioas, 0, ulong.MaxValue);
    }

    private static void SeveralRanges(Session s)
    {
        IommufdClient iommu = s.Iommufd();
        VfioScripts.Bind(s, iommu, out VfioDeviceClient device, out _);
        device.TryFeatureDmaBuf(
            VfioPciRegion.Bar0RegionIndex, 0, [new VfioRegionDmaRange { Offset = 0, Length = Page }, new VfioRegionDmaRange { Offset = 8 * Page, Length = Page }], out Fd buffer);
        s.Keep(buffer);
        iommu.TryIoasAlloc(out IoasId ioas);
        MapFile(iommu, ioas, buffer, 0, Page, At);
        MapFile(iommu, ioas, buffer, 0, 3 * Page, At);
    }

    private static void Revoke(Session s)
    {
        IommufdClient iommu = s.Iommufd();
        VfioScripts.Bind(s, iommu, out VfioDeviceClient device, out _);
        Fd buffer = Export(s, device, 0, 2 * Page);
        iommu.TryIoasAlloc(out IoasId ioas);
        MapFile(iommu, ioas, buffer, 0, Page, At);
        VfioScripts.Attach(device, ioas);
        SetCommand(s, device, default);
        MapFile(iommu, ioas, buffer, 0, Page, At + Page);
        MapFile(iommu, ioas, buffer, 0, 3 * Page, At + Page);
        ulong length = Page;
        iommu.TryIoasNoiommuGetPa(ioas, At, ref length, out _);
        ulong to = At + (8 * Page);
        iommu.TryIoasCopy(Both | IoasMapFlags.FixedIova, ioas, ioas, Page, ref to, At);
        SetCommand(s, device, ConfigCommand.Memory);
        MapFile(iommu, ioas, buffer, 0, Page, At + Page);
        device.TryDetachIommufdPt(default, 0);
        VfioScripts.Attach(device, ioas);
        iommu.TryIoasNoiommuGetPa(ioas, At, ref length, out _);
        iommu.TryIoasNoiommuGetPa(ioas, At + Page, ref length, out _);
        MapFile(iommu, ioas, buffer, 0, Page, At);
        IoasScripts.Unmap(iommu, ioas, At, Page);
        MapFile(iommu, ioas, buffer, 0, Page, At);
        IoasScripts.Unmap(iommu, ioas, 0, ulong.MaxValue);
    }

    private static void MadeRevoked(Session s)
    {
        IommufdClient iommu = s.Iommufd();
        VfioScripts.Bind(s, iommu, out VfioDeviceClient device, out _);
        SetCommand(s, device, default);
        Fd buffer = Export(s, device, 0, 2 * Page);
        iommu.TryIoasAlloc(out IoasId ioas);
        MapFile(iommu, ioas, buffer, 0, Page, At);
        SetCommand(s, device, ConfigCommand.Memory);
        MapFile(iommu, ioas, buffer, 0, Page, At);
    }

    private static void DeviceFirst(Session s)
    {
        IommufdClient iommu = s.Iommufd();
        VfioScripts.Bind(s, iommu, out VfioDeviceClient device, out _);
        Fd buffer = Export(s, device, 0, 2 * Page);
        iommu.TryIoasAlloc(out IoasId ioas);
        MapFile(iommu, ioas, buffer, 0, Page, At);
        VfioScripts.Attach(device, ioas);
        s.Close(device.Fd);
        MapFile(iommu, ioas, buffer, 0, Page, At + Page);
        ulong length = Page;
        iommu.TryIoasNoiommuGetPa(ioas, At, ref length, out _);
        VfioScripts.Bind(s, iommu, out VfioDeviceClient again, out _);
        MapFile(iommu, ioas, buffer, 0, Page, At + Page);
        VfioScripts.Attach(again, ioas);
        IoasScripts.Unmap(iommu, ioas, 0, ulong.MaxValue);
        s.Close(buffer);
    }

    private static void BufferFirst(Session s)
    {
        IommufdClient iommu = s.Iommufd();
        VfioScripts.Bind(s, iommu, out VfioDeviceClient device, out _);
        Fd buffer = Export(s, device, 0, 2 * Page);
        iommu.TryIoasAlloc(out IoasId ioas);
        MapFile(iommu, ioas, buffer, 0, Page, At);
        s.Close(buffer);
        MapFile(iommu, ioas, buffer, 0, Page, At + Page);
        VfioScripts.Attach(device, ioas);
        SetCommand(s, device, default);
        ulong length = Page;
        iommu.TryIoasNoiommuGetPa(ioas, At, ref length, out _);
        s.Close(device.Fd);
        IoasScripts.Unmap(iommu, ioas, At, Page);
        iommu.TryDestroy(ioas);
    }
}
