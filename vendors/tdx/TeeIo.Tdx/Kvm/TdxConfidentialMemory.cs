using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Scheduling;
using TeeIo.Tdx.Host;
using TeeIo.Tdx.Iommu;
using TeeIo.Tdx.Seamcall;
using TeeIo.Tsm;

namespace TeeIo.Tdx.Kvm;

/// <summary>KVM's part for TDX: TDs and their private page tables, of memory and of MMIO.</summary>
/// <param name="seam">The way into the module.</param>
/// <param name="vms">The VMs.</param>
/// <param name="iommu">The IOMMU driver, whose caches hold translations of private pages.</param>
/// <param name="keyIds">Keys that TDs may have.</param>
/// <param name="vcpusPerVm">vCPUs of each TD.</param>
[TsmDriver]
public sealed partial class TdxConfidentialMemory(TdxSeam seam, TdxVmTable vms, TdxTrustedIommu iommu, IReadOnlyList<ushort> keyIds, int vcpusPerVm) : ConfidentialMemoryDriver
{
    private readonly TdLife _life = new(seam, keyIds, vcpusPerVm);

    /// <inheritdoc/>
    protected override SysResult CreateVm(CreateVmContext context)
    {
        if (vms.Find(context.Vm) is not null) return Errno.EIO;
        SysResult result = _life.Create(out TdxVm? td);
        if (td is not null) vms.Add(context.Vm, td);
        return result;
    }

    /// <inheritdoc/>
    protected override SysResult DestroyVm(DestroyVmContext context)
    {
        if (vms.Find(context.Vm) is not { } td) return SysResult.Ok;
        if (td.TdiCount > td.StrandedTdis) return Errno.EBUSY;
        vms.Remove(context.Vm);
        if (td.StrandedTdis > 0)
        {
            _life.Quarantine(td, "a TDI of the TD could not be taken away");
            return Errno.EIO;
        }

        return _life.Destroy(td) ? SysResult.Ok : Errno.EIO;
    }

    /// <inheritdoc/>
    protected override SysResult MapPrivate(MapPrivateContext context)
    {
        (ulong gpa, ulong hpa) = (context.Gpa, context.Hpa);
        if (vms.Find(context.Vm) is not { } td || !IsPage(gpa) || !IsPage(hpa)) return Errno.EIO;
        StatusWord status;
        var retry = new Retry();
        do status = seam.Calls.TryMemPageAug(0, gpa / SeamcallConstants.PageSize, td.Tdr, hpa, out _, out _, out _);
        while (retry.Again(status));
        if (!status.IsSuccess) return Errno.EIO;
        td.Memory[gpa] = hpa;
        return SysResult.Ok;
    }

    /// <inheritdoc/>
    protected override SysResult UnmapPrivate(UnmapPrivateContext context)
    {
        ulong gpa = context.Gpa;
        if (vms.Find(context.Vm) is not { } td || !td.Memory.Remove(gpa, out ulong hpa)) return SysResult.Ok;
        bool removed = Block(td, gpa) && Track(td) && (td.DmaEntries == 0 || iommu.InvalidateIotlb(td)) && RemovePage(td, gpa, hpa) && seam.Pages.Flush(hpa);
        if (removed) return SysResult.Ok;
        seam.Pages.Quarantine([hpa], "the module did not give up a private page");
        return Errno.EIO;
    }

    /// <inheritdoc/>
    protected override SysResult MapMmio(MapMmioContext context)
    {
        (ulong gpa, ulong hpa) = (context.Gpa, context.Hpa);
        if (vms.Find(context.Vm) is not { } td || !IsPage(gpa) || !IsPage(hpa)) return Errno.EIO;
        using LockHold hold = seam.ExtensionLock.Acquire();
        for (uint i = 0; i < context.Pages; i++)
        {
            ulong offset = (ulong)i * SeamcallConstants.PageSize;
            if (td.Mmio.TryGetValue(gpa + offset, out ulong mapped) && mapped == hpa + offset) continue;
            StatusWord status;
            var retry = new Retry();
            do status = seam.ModelCalls.TryMmioMap(0, (gpa + offset) / SeamcallConstants.PageSize, td.Tdr, hpa + offset, out _, out _, out _);
            while (retry.Again(status));

            // The module unmaps MMIO of a stopped TDI only. So pages before a failure stay mapped, and go when the TDI is unbound.
            if (!status.IsSuccess) return Errno.EIO;
            td.Mmio[gpa + offset] = hpa + offset;
        }

        return SysResult.Ok;
    }

    /// <inheritdoc/>
    protected override SysResult UnmapMmio(UnmapMmioContext context)
    {
        if (vms.Find(context.Vm) is not { } td) return SysResult.Ok;
        (ulong gpa, ulong length) = (context.Gpa, context.Pages * (ulong)SeamcallConstants.PageSize);
        ulong[] mapped = [.. td.Mmio.Keys.Where(page => page >= gpa && page - gpa < length)];
        if (mapped.Length == 0) return SysResult.Ok;
        if (mapped.Any(page => td.LockedMmio.Contains(td.Mmio[page]))) return Errno.EIO;
        foreach (ulong page in mapped)
        {
            if (!BlockMmio(td, page)) return Errno.EIO;
        }

        if (!Track(td) || !iommu.InvalidateIotlb(td)) return Errno.EIO;
        foreach (ulong page in mapped)
        {
            if (!UnmapMmioPage(td, page)) return Errno.EIO;
            td.Mmio.Remove(page);
        }

        return SysResult.Ok;
    }

    private bool Block(TdxVm td, ulong gpa)
    {
        StatusWord status;
        var retry = new Retry();
        do status = seam.Calls.TryMemRangeBlock(0, gpa / SeamcallConstants.PageSize, td.Tdr, out _, out _, out _);
        while (retry.Again(status));
        return status.IsSuccess;
    }

    private bool Track(TdxVm td)
    {
        StatusWord status;
        var retry = new Retry();
        do status = seam.Calls.TryMemTrack(td.Tdr);
        while (retry.Again(status));
        return status.IsSuccess;
    }

    private bool RemovePage(TdxVm td, ulong gpa, ulong hpa)
    {
        StatusWord status;
        ulong removed;
        var retry = new Retry();
        do status = seam.Calls.TryMemPageRemove(0, gpa / SeamcallConstants.PageSize, td.Tdr, out removed, out _, out _);
        while (retry.Again(status));
        return status.IsSuccess && removed == hpa;
    }

    private bool BlockMmio(TdxVm td, ulong gpa)
    {
        using LockHold hold = seam.ExtensionLock.Acquire();
        StatusWord status;
        var retry = new Retry();
        do status = seam.ModelCalls.TryMmioBlock(0, gpa / SeamcallConstants.PageSize, td.Tdr, out _, out _, out _);
        while (retry.Again(status));
        return status.IsSuccess;
    }

    private bool UnmapMmioPage(TdxVm td, ulong gpa)
    {
        using LockHold hold = seam.ExtensionLock.Acquire();
        StatusWord status;
        ulong mmio;
        var retry = new Retry();
        do status = seam.ModelCalls.TryMmioUnmap(0, gpa / SeamcallConstants.PageSize, td.Tdr, out _, out _, out _, out mmio);
        while (retry.Again(status));
        return status.IsSuccess && mmio == td.Mmio[gpa];
    }

    private static bool IsPage(ulong address) => address % SeamcallConstants.PageSize == 0;
}
