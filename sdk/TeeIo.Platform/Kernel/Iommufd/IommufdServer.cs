using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Linux.Iommufd;
using TeeIo.Platform.Kernel.Vfio;

namespace TeeIo.Platform.Kernel.Iommufd;

/// <summary>IOMMUFD's calls on address spaces.</summary>
internal sealed partial class IommufdServer(IommufdContext context, IommufdFile file) : IIommufdServer
{
    private const IoasMapFlags MapFlags = IoasMapFlags.FixedIova | IoasMapFlags.Writeable | IoasMapFlags.Readable;

    public SysResult Destroy(ref IommuDestroy argument) => context.Destroy(argument.Id.Value);

    public SysResult IoasAlloc(ref IommuIoasAlloc argument)
    {
        var ioas = new Ioas();
        context.Add(ioas);
        argument.IoasId = new IoasId(ioas.Id);
        return SysResult.Ok;
    }

    public SysResult IoasAllowIovas(ref IommuIoasAllowIovas argument, ReadOnlySpan<IommuIovaRange> allowedIovas) =>
        Find(argument.IoasId) is { } ioas ? ioas.Allow(allowedIovas) : Errno.ENOENT;

    public SysResult IoasIovaRanges(ref IommuIoasIovaRanges argument, Span<IommuIovaRange> allowedIovas)
    {
        if (Find(argument.IoasId) is not { } ioas) return Errno.ENOENT;
        List<IommuIovaRange> ranges = ioas.UsableRanges();
        for (int i = 0; i < Math.Min(ranges.Count, allowedIovas.Length); i++) allowedIovas[i] = ranges[i];
        argument.NumIovas = (uint)ranges.Count;
        argument.IovaAlignment = Hardware.PhysicalMemory.PageSize;
        return ranges.Count > allowedIovas.Length ? Errno.EMSGSIZE : SysResult.Ok;
    }

    public SysResult IoasMap(ref IommuIoasMap argument)
    {
        if (CheckMap(argument.Flags, argument.Length, argument.Iova) is { IsOk: false } refused) return refused;
        if (Find(argument.IoasId) is not { } ioas) return Errno.ENOENT;
        if (argument.UserVa % Hardware.PhysicalMemory.PageSize != 0) return Errno.EINVAL;
        ulong iova = argument.Iova;
        if (ioas.Place(argument.Flags.HasFlag(IoasMapFlags.FixedIova), argument.Length, ref iova) is { IsOk: false } misplaced) return misplaced;
        if (file.Owner.Find(argument.UserVa, argument.Length) is not AnonymousMemory memory) return Errno.EFAULT;
        ioas.Add(new IoasArea(iova, argument.Length, new PinnedBacking(memory.Pages, argument.UserVa - memory.Address), argument.Flags));
        argument.Iova = iova;
        return SysResult.Ok;
    }

    public SysResult IoasMapFile(ref IommuIoasMapFile argument)
    {
        if (CheckMap(argument.Flags, argument.Length, argument.Iova) is { IsOk: false } refused) return refused;
        if (argument.Start > ulong.MaxValue - argument.Length) return Errno.EOVERFLOW;
        if (Find(argument.IoasId) is not { } ioas) return Errno.ENOENT;
        if (file.Owner.File(argument.Fd) is not { } source) return Errno.EBADF;
        if (source is not VfioDmaBufFile { Buffer: { HasOneRange: true } buffer } dmaBuf) return Errno.EOPNOTSUPP;
        if (argument.Start % Hardware.PhysicalMemory.PageSize != 0 || argument.Start + argument.Length > buffer.Length) return Errno.EINVAL;
        if (buffer.IsRevoked) return Errno.ENODEV;
        ulong iova = argument.Iova;
        if (ioas.Place(argument.Flags.HasFlag(IoasMapFlags.FixedIova), argument.Length, ref iova) is { IsOk: false } misplaced) return misplaced;
        var importer = new IommufdDmaBufImporter(context.Kernel.NextImporterId());
        buffer.Importers.Add(importer);
        ioas.Add(new IoasArea(iova, argument.Length, new DmaBufBacking(dmaBuf, importer, argument.Start), argument.Flags));
        argument.Iova = iova;
        return SysResult.Ok;
    }

    public SysResult IoasCopy(ref IommuIoasCopy argument)
    {
        if (CheckMap(argument.Flags, argument.Length, argument.DstIova) is { IsOk: false } refused) return refused;
        if (argument.SrcIova > ulong.MaxValue - argument.Length) return Errno.EOVERFLOW;
        if (Find(argument.SrcIoasId) is not { } source || Find(argument.DstIoasId) is not { } destination) return Errno.ENOENT;
        if (source.FindExact(argument.SrcIova, argument.Length) is not { } area) return Errno.ENOENT;
        ulong iova = argument.DstIova;
        if (destination.Place(argument.Flags.HasFlag(IoasMapFlags.FixedIova), argument.Length, ref iova) is { IsOk: false } misplaced) return misplaced;
        area.Backing.Get();
        destination.Add(new IoasArea(iova, argument.Length, area.Backing, argument.Flags));
        argument.DstIova = iova;
        return SysResult.Ok;
    }

    public SysResult IoasUnmap(ref IommuIoasUnmap argument)
    {
        if (Find(argument.IoasId) is not { } ioas) return Errno.ENOENT;
        SysResult result = ioas.Unmap(argument.Iova, argument.Length, out ulong unmapped);
        argument.Length = unmapped;
        return result;
    }

    public SysResult IoasChangeProcess(ref IommuIoasChangeProcess argument) =>
        context.Objects.OfType<Ioas>().Any(i => i.Areas.Any(a => a.Backing.IsProcessMemory)) ? Errno.EINVAL : SysResult.Ok;

    /// <remarks>No device of the machine runs without an IOMMU.</remarks>
    public SysResult IoasNoiommuGetPa(ref IommuIoasNoiommuGetPa argument) => Find(argument.IoasId) is null ? Errno.ENOENT : Errno.EINVAL;

    public SysResult Option(ref IommuOption argument)
    {
        if (argument.Op is not (OptionOp.Get or OptionOp.Set)) return Errno.EOPNOTSUPP;
        bool isSet = argument.Op == OptionOp.Set;
        switch (argument.OptionId)
        {
            case OptionId.RlimitMode:
                if (argument.ObjectId.Value != 0) return Errno.EOPNOTSUPP;
                if (!isSet) argument.Val64 = context.RlimitMode;
                else if (argument.Val64 > 1) return Errno.EINVAL;
                else if (!context.IsEmpty) return Errno.EBUSY;
                else context.RlimitMode = argument.Val64;
                return SysResult.Ok;
            case OptionId.HugePages:
                if (Find(argument.ObjectId) is not { } ioas) return Errno.ENOENT;
                if (!isSet) argument.Val64 = ioas.HugePages;
                else if (argument.Val64 > 1) return Errno.EINVAL;
                else ioas.HugePages = argument.Val64;
                return SysResult.Ok;
            default:
                return Errno.EOPNOTSUPP;
        }
    }

    public SysResult VfioIoas(ref IommuVfioIoas argument)
    {
        switch (argument.Op)
        {
            case VfioIoasOp.Get:
                if (context.VfioIoas is not { } current) return Errno.ENODEV;
                argument.IoasId = new IoasId(current.Id);
                return SysResult.Ok;
            case VfioIoasOp.Set:
                if (Find(argument.IoasId) is not { } ioas) return Errno.ENOENT;
                context.VfioIoas = ioas;
                return SysResult.Ok;
            case VfioIoasOp.Clear:
                if (context.VfioIoas is null) return Errno.ENODEV;
                context.VfioIoas = null;
                return SysResult.Ok;
            default:
                return Errno.EOPNOTSUPP;
        }
    }

    private static SysResult CheckMap(IoasMapFlags flags, ulong length, ulong iova)
    {
        if ((flags & ~MapFlags) != 0) return Errno.EOPNOTSUPP;
        if (length == ulong.MaxValue || (flags.HasFlag(IoasMapFlags.FixedIova) && iova == ulong.MaxValue)) return Errno.EOVERFLOW;
        return (flags & (IoasMapFlags.Readable | IoasMapFlags.Writeable)) == 0 ? Errno.EINVAL : SysResult.Ok;
    }

    private Ioas? Find(IoasId id) => context.Find<Ioas>(id.Value);
}
