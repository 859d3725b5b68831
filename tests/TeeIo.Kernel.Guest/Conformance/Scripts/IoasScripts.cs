using TeeIo.Boundaries;
using TeeIo.Linux.Iommufd;

namespace TeeIo.Kernel.Guest.Conformance.Scripts;

/// <summary>Address spaces without and with a device.</summary>
internal static class IoasScripts
{
    private const ulong Page = Session.Page;
    private const ulong At = 1 << 24;
    private const ulong Top = ulong.MaxValue - Page + 1;
    private const IoasMapFlags Both = IoasMapFlags.Readable | IoasMapFlags.Writeable;
    private const IoasMapFlags Fixed = Both | IoasMapFlags.FixedIova;
    private static readonly IoasId s_none = new(77);

    public static IReadOnlyList<Script> All { get; } =
    [
        new("ioas: alloc and destroy", AllocAndDestroy),
        new("ioas: map at a fixed place", MapFixed),
        new("ioas: map where the kernel likes", MapAnywhere),
        new("ioas: map what isn't aligned", MapUnaligned),
        new("ioas: map memory that isn't there", MapNothing),
        new("ioas: order of map's errors", MapErrors),
        new("ioas: unmap", Unmap),
        new("ioas: copy", Copy),
        new("ioas: ranges and allowed ranges", Allow),
        new("ioas: ranges with a device", RangesWithDevice),
        new("ioas: options", Options),
        new("ioas: VFIO's", VfioIoas),
        new("ioas: change process", ChangeProcess),
        new("ioas: physical addresses", PhysicalAddresses),
        new("ioas: map a file", MapFile),
    ];

    /// <summary>Lists what an IOAS can use.</summary>
    public static void Ranges(Session s, IommufdClient iommu, IoasId ioas, int room = 8)
    {
        IommuIovaRange[] ranges = new IommuIovaRange[room];
        iommu.TryIoasIovaRanges(ioas, out uint count, ranges, out _);
        foreach (IommuIovaRange range in ranges.Take((int)Math.Min(count, (uint)room))) s.Note("range", $"0x{range.Start:x}-0x{range.Last:x}");
    }

    /// <summary>Maps.</summary>
    public static ulong Map(Session s, IommufdClient iommu, IoasId ioas, ulong? at, ulong length, ulong offset = 0, IoasMapFlags flags = Both)
    {
        ulong iova = at ?? 0;
        iommu.TryIoasMap(flags | (at is null ? IoasMapFlags.None : IoasMapFlags.FixedIova), ioas, s.Memory, s.Start + offset, length, ref iova);
        return iova;
    }

    /// <summary>Unmaps.</summary>
    public static void Unmap(IommufdClient iommu, IoasId ioas, ulong iova, ulong length) => iommu.TryIoasUnmap(ioas, iova, ref length);

    private static void AllocAndDestroy(Session s)
    {
        IommufdClient iommu = s.Iommufd();
        iommu.TryIoasAlloc(out IoasId first);
        iommu.TryIoasAlloc(out IoasId second);
        iommu.TryDestroy(first);
        iommu.TryDestroy(first);
        iommu.TryIoasAlloc(out IoasId third);
        iommu.TryIoasAlloc(out _);
        iommu.TryDestroy(second);
        iommu.TryDestroy(third);
        iommu.TryDestroy(new ObjectId(0));
        iommu.TryDestroy(new ObjectId(uint.MaxValue));
        iommu.TryDestroy(s_none);
    }

    private static void MapFixed(Session s)
    {
        IommufdClient iommu = s.Iommufd();
        iommu.TryIoasAlloc(out IoasId ioas);
        Map(s, iommu, ioas, At, 2 * Page);
        Map(s, iommu, ioas, At, 2 * Page);
        Map(s, iommu, ioas, At + Page, 2 * Page);
        Map(s, iommu, ioas, At - Page, 2 * Page);
        Map(s, iommu, ioas, At - Page, Page);
        Map(s, iommu, ioas, At + (2 * Page), Page);
        Map(s, iommu, ioas, 0, Page);
        Map(s, iommu, ioas, Top - Page, Page);
        Map(s, iommu, ioas, Top, Page);
        Map(s, iommu, ioas, Top, 2 * Page);
        Map(s, iommu, ioas, At + (4 * Page), Page, 0, IoasMapFlags.Readable);
        Map(s, iommu, ioas, At + (5 * Page), Page, 0, IoasMapFlags.Writeable);
    }

    private static void MapAnywhere(Session s)
    {
        IommufdClient iommu = s.Iommufd();
        iommu.TryIoasAlloc(out IoasId ioas);
        Map(s, iommu, ioas, null, Page);
        Map(s, iommu, ioas, null, Page);
        Map(s, iommu, ioas, null, 2 * Page);
        Map(s, iommu, ioas, null, 3 * Page);
        Map(s, iommu, ioas, null, 16 * Page, Page);
        Map(s, iommu, ioas, null, 5 * Page, 4 * Page);
        Map(s, iommu, ioas, null, 1, 5);
        Map(s, iommu, ioas, null, 100, 2048);
        Unmap(iommu, ioas, Page, Page);
        Map(s, iommu, ioas, null, Page);
        Map(s, iommu, ioas, null, Page, Page);
        Unmap(iommu, ioas, 0, ulong.MaxValue);
    }

    private static void MapUnaligned(Session s)
    {
        IommufdClient iommu = s.Iommufd();
        iommu.TryIoasAlloc(out IoasId ioas);
        Ranges(s, iommu, ioas);
        Map(s, iommu, ioas, At + 1, 10);
        Map(s, iommu, ioas, At + 11, 5, 3);
        Map(s, iommu, ioas, At + 15, 5, 3);
        Map(s, iommu, ioas, At + 16, Page, 7);
        ulong value = 0;
        iommu.TryOption(OptionId.HugePages, OptionOp.Set, ioas, ref value);
        Unmap(iommu, ioas, At + 1, 10);
        Unmap(iommu, ioas, At, 2 * Page);
        value = 0;
        iommu.TryOption(OptionId.HugePages, OptionOp.Set, ioas, ref value);
        Ranges(s, iommu, ioas);
        Map(s, iommu, ioas, At + 1, 10);
        Map(s, iommu, ioas, At, 10);
        Map(s, iommu, ioas, At, Page, 1);
        Map(s, iommu, ioas, At, Page);
        value = 1;
        iommu.TryOption(OptionId.HugePages, OptionOp.Set, ioas, ref value);
        Ranges(s, iommu, ioas);
    }

    private static void MapNothing(Session s)
    {
        IommufdClient iommu = s.Iommufd();
        iommu.TryIoasAlloc(out IoasId ioas);
        ulong iova = At;
        iommu.TryIoasMap(Fixed, ioas, null, Page, Page, ref iova);
        VfioScripts.Bind(s, iommu, out var device, out DeviceId id);
        VfioScripts.Attach(device, ioas);
        iommu.TryHwptAlloc(HwptAllocFlags.None, id, ioas, out _, HwptDataType.None, [], default);
        Unmap(iommu, ioas, At, Page);
        VfioScripts.Attach(device, ioas);
        iova = At;
        iommu.TryIoasMap(Fixed, ioas, null, Page, Page, ref iova);
        Map(s, iommu, ioas, At, Page);
        using UserMemory gone = s.Target.Transport.Allocate(2 * Page);
        iommu.TryIoasAlloc(out IoasId later);
        iova = At;
        iommu.TryIoasMap(Fixed, later, gone, 0, 2 * Page, ref iova);
        gone.Dispose();
        VfioScripts.Attach(device, later);
        VfioScripts.Attach(device, ioas);
    }

    private static void MapErrors(Session s)
    {
        IommufdClient iommu = s.Iommufd();
        iommu.TryIoasAlloc(out IoasId ioas);
        Map(s, iommu, ioas, null, 0);
        Map(s, iommu, s_none, null, 0);
        Map(s, iommu, s_none, At, Page);
        Map(s, iommu, ioas, At, Page, 0, IoasMapFlags.None);
        Map(s, iommu, s_none, At, Page, 0, (IoasMapFlags)(1 << 7));
        Map(s, iommu, s_none, ulong.MaxValue, Page, 0, IoasMapFlags.None);
        Map(s, iommu, ioas, ulong.MaxValue, Page);
        Map(s, iommu, ioas, At, ulong.MaxValue);
        Map(s, iommu, ioas, At, ulong.MaxValue - Page);
        Map(s, iommu, ioas, At, ulong.MaxValue - 1);
        Map(s, iommu, ioas, null, ulong.MaxValue / 2);
        Map(s, iommu, ioas, null, 1ul << 62);
        ulong iova = ulong.MaxValue;
        iommu.TryIoasMap(Both, ioas, s.Memory, s.Start, Page, ref iova);
        iova = At;
        iommu.TryIoasMap(Fixed, ioas, null, Page, ulong.MaxValue - Page - 1, ref iova);
        iommu.TryIoasMap(Fixed, ioas, null, 2 * Page, ulong.MaxValue - Page, ref iova);
        iommu.TryDestroy(ioas);
        Map(s, iommu, ioas, At, Page);
    }

    private static void Unmap(Session s)
    {
        IommufdClient iommu = s.Iommufd();
        iommu.TryIoasAlloc(out IoasId ioas);
        Unmap(iommu, ioas, 0, ulong.MaxValue);
        Map(s, iommu, ioas, At, 2 * Page);
        Map(s, iommu, ioas, At + (2 * Page), 2 * Page);
        Map(s, iommu, ioas, At + (8 * Page), 2 * Page);
        Unmap(iommu, ioas, At, Page);
        Unmap(iommu, ioas, At + Page, Page);
        Unmap(iommu, ioas, At, 3 * Page);
        Unmap(iommu, ioas, At, 0);
        Unmap(iommu, ioas, At, ulong.MaxValue);
        Unmap(iommu, ioas, ulong.MaxValue, Page);
        Unmap(iommu, ioas, At, ulong.MaxValue - At + 1);
        Unmap(iommu, ioas, At, ulong.MaxValue - At + 2);
        Map(s, iommu, ioas, At, 2 * Page);
        Map(s, iommu, ioas, At + (2 * Page), 2 * Page);
        Map(s, iommu, ioas, At + (8 * Page), 2 * Page);
        Unmap(iommu, ioas, At, 9 * Page);
        Unmap(iommu, ioas, At, 9 * Page);
        Unmap(iommu, ioas, 0, ulong.MaxValue - 1);
        Unmap(iommu, s_none, At, Page);
        Unmap(iommu, s_none, ulong.MaxValue, 0);
        Map(s, iommu, ioas, 0, Page);
        Unmap(iommu, ioas, 0, ulong.MaxValue);
    }

    private static void Copy(Session s)
    {
        IommufdClient iommu = s.Iommufd();
        iommu.TryIoasAlloc(out IoasId source);
        iommu.TryIoasAlloc(out IoasId target);
        Map(s, iommu, source, At, 2 * Page);
        Map(s, iommu, source, At + (2 * Page), 2 * Page, 4 * Page);
        Map(s, iommu, source, At + (5 * Page), Page, 0, IoasMapFlags.Readable);
        Copy(Both, target, source, 2 * Page, 0, At);
        Copy(Fixed, target, source, 2 * Page, At, At);
        Copy(Fixed, target, source, 2 * Page, At, At);
        Copy(Fixed, target, source, 4 * Page, At + (16 * Page), At);
        Copy(Fixed, target, source, 2 * Page, At + (32 * Page), At + Page);
        Copy(Fixed, target, source, Page, At + (34 * Page), At + Page);
        Copy(Fixed, target, source, 5 * Page, At + (40 * Page), At);
        Copy(Fixed, target, source, Page, At + (50 * Page), At + (4 * Page));
        Copy(Fixed, target, source, Page, At + (50 * Page), At + (5 * Page));
        Copy(IoasMapFlags.FixedIova | IoasMapFlags.Readable, target, source, Page, At + (50 * Page), At + (5 * Page));
        Copy(Both, source, source, 2 * Page, 0, At);
        Copy(Both, source, source, 100, 0, At + 50);
        Copy(Both, target, source, 0, 0, At);
        Copy(Both, target, source, Page, 0, Top);
        Copy(Both, target, source, Page + 1, 0, Top);
        Copy(Both, target, source, ulong.MaxValue, 0, At);
        Copy(Both, target, source, Page, 0, ulong.MaxValue);
        Copy(Both, target, source, Page, ulong.MaxValue, At);
        Copy(IoasMapFlags.None, target, source, Page, 0, At);
        Copy((IoasMapFlags)(1 << 9), target, source, Page, 0, At);
        Copy(Both, s_none, source, Page, 0, At);
        Copy(Both, s_none, source, Page, 0, At + (60 * Page));
        Copy(Both, target, s_none, Page, 0, At);
        Unmap(iommu, source, 0, ulong.MaxValue);
        Unmap(iommu, target, At + (16 * Page), 2 * Page);
        Unmap(iommu, target, 0, ulong.MaxValue);

        void Copy(IoasMapFlags flags, IoasId to, IoasId from, ulong length, ulong iova, ulong at) => iommu.TryIoasCopy(flags, to, from, length, ref iova, at);
    }

    private static void Allow(Session s)
    {
        IommufdClient iommu = s.Iommufd();
        iommu.TryIoasAlloc(out IoasId ioas);
        Ranges(s, iommu, ioas);
        Ranges(s, iommu, ioas, 0);
        Ranges(s, iommu, s_none);
        Allow(ioas, (At, At + Page), (1 << 30, 1 << 30));
        Allow(ioas, (At, At - 1));
        Allow(ioas, (At, At + Page), (At + Page, At + (2 * Page)));
        Allow(s_none, (At, At - 1));
        Allow(ioas, (At, At + (4 * Page) - 1), (2 * At, (2 * At) + (8 * Page) - 1));
        Ranges(s, iommu, ioas);
        Map(s, iommu, ioas, null, 2 * Page);
        Map(s, iommu, ioas, null, 4 * Page);
        Map(s, iommu, ioas, null, 8 * Page);
        Map(s, iommu, ioas, null, Page);
        Map(s, iommu, ioas, null, Page);
        Map(s, iommu, ioas, null, Page);
        Map(s, iommu, ioas, At - Page, Page);
        Allow(ioas, (ulong.MaxValue - (4 * Page), ulong.MaxValue));
        Map(s, iommu, ioas, null, Page, Page);
        Map(s, iommu, ioas, null, 4 * Page, Page);
        Allow(ioas);
        Map(s, iommu, ioas, null, Page);

        void Allow(IoasId id, params (ulong Start, ulong Last)[] ranges) => iommu.TryIoasAllowIovas(id, [.. ranges.Select(r => new IommuIovaRange { Start = r.Start, Last = r.Last })]);
    }

    private static void RangesWithDevice(Session s)
    {
        IommufdClient iommu = s.Iommufd();
        iommu.TryIoasAlloc(out IoasId ioas);
        VfioScripts.Bind(s, iommu, out var device, out _);
        Ranges(s, iommu, ioas);
        VfioScripts.Attach(device, ioas);
        Ranges(s, iommu, ioas);
        Ranges(s, iommu, ioas, 1);
        iommu.TryIoasAllowIovas(ioas, [new IommuIovaRange { Start = 0xFEDF_F000, Last = 0xFEE0_0000 }]);
        iommu.TryIoasAllowIovas(ioas, [new IommuIovaRange { Start = At, Last = At + Page }]);
        Map(s, iommu, ioas, 0xFEE0_0000, Page);
        Map(s, iommu, ioas, 0xFEDF_F000, Page);
        Map(s, iommu, ioas, 0xFEEF_F000, 2 * Page);
        Map(s, iommu, ioas, 0xFEF0_0000, Page);
        Map(s, iommu, ioas, At + 1, Page);
        Map(s, iommu, ioas, At, 10);
        Map(s, iommu, ioas, At, Page, 10);
        Map(s, iommu, ioas, Top, Page);
        device.TryDetachIommufdPt(default, 0);
        Ranges(s, iommu, ioas);
        Map(s, iommu, ioas, 0xFEE0_0000, Page);
        VfioScripts.Attach(device, ioas);
        Unmap(iommu, ioas, 0xFEE0_0000, Page);
        Map(s, iommu, ioas, Top, Page);
        VfioScripts.Attach(device, ioas);
        Unmap(iommu, ioas, Top, Page);
        Map(s, iommu, ioas, At + 1, Page);
        VfioScripts.Attach(device, ioas);
        Unmap(iommu, ioas, At + 1, Page);
        iommu.TryIoasAllowIovas(ioas, [new IommuIovaRange { Start = 0xFEDF_F000, Last = 0xFEE0_0000 }]);
        VfioScripts.Attach(device, ioas);
        iommu.TryIoasAllowIovas(ioas, []);
        VfioScripts.Attach(device, ioas);
    }

    private static void Options(Session s)
    {
        IommufdClient iommu = s.Iommufd();
        Option(OptionId.RlimitMode, OptionOp.Get, 0, 7);
        Option(OptionId.RlimitMode, OptionOp.Set, 0, 2);
        Option(OptionId.RlimitMode, OptionOp.Set, 0, 1);
        Option(OptionId.RlimitMode, OptionOp.Get, 0, 7);
        Option(OptionId.RlimitMode, OptionOp.Get, 1, 7);
        Option(OptionId.RlimitMode, (OptionOp)7, 0, 7);
        Option(OptionId.RlimitMode, (OptionOp)7, 1, 7);
        Option((OptionId)9, (OptionOp)7, 1, 7);
        iommu.TryIoasAlloc(out IoasId ioas);
        Option(OptionId.RlimitMode, OptionOp.Set, 0, 2);
        Option(OptionId.RlimitMode, OptionOp.Set, 0, 0);
        Option(OptionId.RlimitMode, OptionOp.Get, 0, 7);
        Option(OptionId.HugePages, OptionOp.Get, ioas.Value, 7);
        Option(OptionId.HugePages, OptionOp.Set, ioas.Value, 0);
        Option(OptionId.HugePages, OptionOp.Get, ioas.Value, 7);
        Option(OptionId.HugePages, OptionOp.Set, ioas.Value, 2);
        Option(OptionId.HugePages, (OptionOp)7, ioas.Value, 2);
        Option(OptionId.HugePages, (OptionOp)7, 77, 2);
        Option(OptionId.HugePages, OptionOp.Get, 77, 2);
        Option(OptionId.HugePages, OptionOp.Get, 0, 2);

        void Option(OptionId id, OptionOp op, uint on, ulong value) => iommu.TryOption(id, op, new IoasId(on), ref value);
    }

    private static void VfioIoas(Session s)
    {
        IommufdClient iommu = s.Iommufd();
        Call(VfioIoasOp.Get, 0);
        Call(VfioIoasOp.Clear, 0);
        Call(VfioIoasOp.Set, 1);
        iommu.TryIoasAlloc(out IoasId ioas);
        Call(VfioIoasOp.Set, ioas.Value);
        Call(VfioIoasOp.Get, 0);
        Call(VfioIoasOp.Clear, 77);
        Call(VfioIoasOp.Get, 5);
        Call(VfioIoasOp.Set, ioas.Value);
        iommu.TryDestroy(ioas);
        Call(VfioIoasOp.Get, 0);
        Call((VfioIoasOp)9, 0);

        void Call(VfioIoasOp op, uint id)
        {
            IoasId at = new(id);
            iommu.TryVfioIoas(ref at, op);
        }
    }

    private static void ChangeProcess(Session s)
    {
        IommufdClient iommu = s.Iommufd();
        iommu.TryIoasChangeProcess();
        iommu.TryIoasAlloc(out IoasId ioas);
        iommu.TryIoasChangeProcess();
        Map(s, iommu, ioas, At, Page);
        iommu.TryIoasChangeProcess();
        Unmap(iommu, ioas, At, Page);
        iommu.TryIoasChangeProcess();
    }

    private static void PhysicalAddresses(Session s)
    {
        IommufdClient iommu = s.Iommufd();
        iommu.TryIoasAlloc(out IoasId ioas);
        Map(s, iommu, ioas, At, 2 * Page);
        Get(ioas, At, Page);
        Get(ioas, At + (4 * Page), Page);
        Get(ioas, At, 0);
        Get(ioas, ulong.MaxValue, Page);
        Get(ioas, ulong.MaxValue, 0);
        Get(s_none, At, 0);
        Get(s_none, At, Page);
        VfioScripts.Bind(s, iommu, out var device, out _);
        VfioScripts.Attach(device, ioas);
        Get(ioas, At, Page);
        Get(ioas, At + 5, Page);

        void Get(IoasId id, ulong iova, ulong length) => iommu.TryIoasNoiommuGetPa(id, iova, ref length, out _);
    }

    private static void MapFile(Session s)
    {
        IommufdClient iommu = s.Iommufd();
        iommu.TryIoasAlloc(out IoasId ioas);
        Map(Fixed, ioas, new Fd(999), 0, Page, At);
        Map(Fixed, ioas, Fd.None, 0, Page, At);
        Map(Fixed, s_none, new Fd(999), 0, Page, At);
        Map(Fixed, ioas, new Fd(999), 0, 0, At);
        Map(Fixed, ioas, new Fd(999), Top, 2 * Page, At);
        Map(Fixed, ioas, new Fd(999), Top, Page, At);
        Map(Fixed, ioas, new Fd(999), 0, ulong.MaxValue, At);
        Map(Fixed, ioas, new Fd(999), 0, Page, ulong.MaxValue);
        Map(Both, ioas, new Fd(999), 0, Page, ulong.MaxValue);
        Map(IoasMapFlags.FixedIova, ioas, new Fd(999), 0, Page, At);
        Map((IoasMapFlags)(1 << 8), ioas, new Fd(999), 0, Page, ulong.MaxValue);

        void Map(IoasMapFlags flags, IoasId id, Fd fd, ulong start, ulong length, ulong iova) => iommu.TryIoasMapFile(flags, id, fd, start, length, ref iova);
    }
}
