using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Linux.Iommufd;
using TeeIo.Platform.Kernel.Vfio;

namespace TeeIo.Platform.Kernel.Iommufd;

/// <summary>IOMMUFD's calls on address spaces.</summary>
internal sealed partial class IommufdServer(IommufdContext context, IommufdFile file) : IIommufdServer
{
    private const ulong PageSize = Hardware.PhysicalMemory.PageSize;
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
        argument.IovaAlignment = ioas.Alignment;
        return ranges.Count > allowedIovas.Length ? Errno.EMSGSIZE : SysResult.Ok;
    }

    public SysResult IoasMap(ref IommuIoasMap argument)
    {
        if (CheckMap(argument.Flags, argument.Length, argument.Iova) is { IsOk: false } refused) return refused;
        if (Find(argument.IoasId) is not { } ioas) return Errno.ENOENT;
        if (argument.UserVa > ulong.MaxValue - argument.Length) return Errno.EOVERFLOW;
        if (argument.Length == 0 || argument.Length > ulong.MaxValue - PageSize) return Errno.EINVAL;
        ulong start = argument.UserVa % PageSize;
        return Map(ioas, new ProcessBacking(file.Owner, argument.UserVa - start, IsWritable(argument.Flags)), start, argument.Length, argument.Flags, ref argument.Iova);
    }

    public SysResult IoasMapFile(ref IommuIoasMapFile argument)
    {
        if (CheckMap(argument.Flags, argument.Length, argument.Iova) is { IsOk: false } refused) return refused;
        if (Find(argument.IoasId) is not { } ioas) return Errno.ENOENT;
        if (argument.Length == 0) return Errno.EINVAL;
        if (argument.Start > ulong.MaxValue - (argument.Length - 1)) return Errno.EOVERFLOW;
        if (file.Owner.File(argument.Fd) is not { } source) return Errno.EBADF;
        if (source is not VfioDmaBufFile { Buffer: { } buffer } dmaBuf)
            return Map(ioas, new FileBacking(IsWritable(argument.Flags)), argument.Start % PageSize, argument.Length, argument.Flags, ref argument.Iova);
        if (argument.Start + (argument.Length - 1) >= buffer.Length) return Errno.EINVAL;
        if (buffer.IsRevoked) return Errno.ENODEV;
        if (!buffer.HasOneRange) return Errno.EOPNOTSUPP;
        ulong start = argument.Start % PageSize;
        var importer = new IommufdDmaBufImporter(context.Kernel.NextImporterId());
        buffer.Importers.Add(importer);
        var backing = new DmaBufBacking(dmaBuf, importer, argument.Start - start, IsWritable(argument.Flags));
        return Map(ioas, backing, start, argument.Length, argument.Flags, ref argument.Iova);
    }

    public SysResult IoasCopy(ref IommuIoasCopy argument)
    {
        if ((argument.Flags & ~MapFlags) != 0) return Errno.EOPNOTSUPP;
        if (argument.SrcIova == ulong.MaxValue) return Errno.EOVERFLOW;
        if (CheckMap(argument.Flags, argument.Length, argument.DstIova) is { IsOk: false } refused) return refused;
        if (Find(argument.SrcIoasId) is not { } source) return Errno.ENOENT;
        List<(DmaBacking Backing, ulong Start, ulong Length)> pieces = [];
        if (source.TryGet(argument.SrcIova, argument.Length, pieces) is { IsOk: false } missing) return missing;
        if (Find(argument.DstIoasId) is not { } destination) return Errno.ENOENT;
        return destination.Map(pieces, argument.Flags, ref argument.DstIova);
    }

    public SysResult IoasUnmap(ref IommuIoasUnmap argument)
    {
        if (Find(argument.IoasId) is not { } ioas) return Errno.ENOENT;
        SysResult result = ioas.Unmap(argument.Iova, argument.Length, out ulong unmapped);
        if (result.IsOk) argument.Length = unmapped;
        return result;
    }

    public SysResult IoasChangeProcess(ref IommuIoasChangeProcess argument) =>
        context.Objects.OfType<Ioas>().All(i => i.Areas.All(a => a.Backing is FileBacking)) ? SysResult.Ok : Errno.EINVAL;

    /// <remarks>No device of the machine runs without an IOMMU.</remarks>
    public SysResult IoasNoiommuGetPa(ref IommuIoasNoiommuGetPa argument)
    {
        if (argument.Length == 0) return Errno.EINVAL;
        if (argument.Iova == ulong.MaxValue) return Errno.EOVERFLOW;
        if (Find(argument.IoasId) is not { } ioas || ioas.Find(argument.Iova) is not { } area) return Errno.ENOENT;
        return area.Backing.IsDead ? Errno.EINVAL : Errno.EOPNOTSUPP;
    }

    public SysResult Option(ref IommuOption argument)
    {
        switch (argument.OptionId)
        {
            case OptionId.RlimitMode:
                if (argument.ObjectId.Value != 0) return Errno.EOPNOTSUPP;
                if (argument.Op == OptionOp.Set && !context.IsEmpty) return Errno.EBUSY;
                return Option(ref argument, context.ChargesProcess, value =>
                {
                    context.ChargesProcess = value;
                    return SysResult.Ok;
                });
            case OptionId.HugePages:
                if (Find(argument.ObjectId) is not { } ioas) return Errno.ENOENT;
                return Option(ref argument, ioas.HasLargePages, ioas.SetLargePages);
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
                context.VfioIoas = null;
                return SysResult.Ok;
            default:
                return Errno.EOPNOTSUPP;
        }
    }

    private static SysResult Option(ref IommuOption argument, bool value, Func<bool, SysResult> set)
    {
        if (argument.Op == OptionOp.Get) argument.Val64 = value ? 1u : 0u;
        else if (argument.Op != OptionOp.Set) return Errno.EOPNOTSUPP;
        else return argument.Val64 > 1 ? Errno.EINVAL : set(argument.Val64 == 1);
        return SysResult.Ok;
    }

    private static SysResult CheckMap(IoasMapFlags flags, ulong length, ulong iova)
    {
        if ((flags & ~MapFlags) != 0) return Errno.EOPNOTSUPP;
        if (length == ulong.MaxValue || iova == ulong.MaxValue) return Errno.EOVERFLOW;
        return (flags & (IoasMapFlags.Readable | IoasMapFlags.Writeable)) == 0 ? Errno.EINVAL : SysResult.Ok;
    }

    private static bool IsWritable(IoasMapFlags flags) => flags.HasFlag(IoasMapFlags.Writeable);

    private static SysResult Map(Ioas ioas, DmaBacking backing, ulong start, ulong length, IoasMapFlags flags, ref ulong iova)
    {
        SysResult mapped = ioas.Map([(backing, start, length)], flags, ref iova);
        backing.Put();
        return mapped;
    }

    private Ioas? Find(IoasId id) => context.Find<Ioas>(id.Value);
}
