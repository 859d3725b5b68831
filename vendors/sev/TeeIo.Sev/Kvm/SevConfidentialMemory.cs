using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Sev.Host;
using TeeIo.Sev.Rmp;
using TeeIo.Tsm;

namespace TeeIo.Sev.Kvm;

/// <summary>KVM's part for SEV-SNP: guests, and their nested page tables of private memory and MMIO, each entry with its own in the reverse map table.</summary>
/// <param name="firmware">The firmware.</param>
/// <param name="vms">The VMs.</param>
/// <param name="asids">ASIDs that guests may have.</param>
[TsmDriver]
public sealed partial class SevConfidentialMemory(SevFirmware firmware, SevVmTable vms, IReadOnlyList<uint> asids) : ConfidentialMemoryDriver
{
    private readonly SnpLife _life = new(firmware, asids);
    private readonly MmioMappings _mmio = new(firmware);

    /// <summary>Makes private MMIO immutable again, for a message by which the guest gives it back.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="gpa">Guest-physical address of the first page.</param>
    /// <param name="pages">Number of pages; those that aren't private MMIO are left alone.</param>
    /// <returns>EIO where the reverse map table refused.</returns>
    public SysResult HoldMmio(ConfidentialVm vm, ulong gpa, uint pages)
    {
        if (vms.Find(vm) is not { } guest) return SysResult.Ok;
        bool all = true;
        foreach (ulong page in MmioMappings.InRange(guest, gpa, pages)) all &= _mmio.Hold(guest, page);
        return all ? SysResult.Ok : Errno.EIO;
    }

    /// <summary>Takes the immutability of private MMIO away, once the guest's message about it was served: the firmware looks at such pages only while nobody else can change them.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="gpa">Guest-physical address of the first page.</param>
    /// <param name="pages">Number of pages; those that aren't private MMIO are left alone.</param>
    /// <returns>EIO where the firmware refused; such a page stays immutable.</returns>
    public SysResult ReclaimMmio(ConfidentialVm vm, ulong gpa, uint pages)
    {
        if (vms.Find(vm) is not { } guest) return SysResult.Ok;
        bool all = true;
        foreach (ulong page in MmioMappings.InRange(guest, gpa, pages)) all &= _mmio.Reclaim(guest, page);
        return all ? SysResult.Ok : Errno.EIO;
    }

    /// <inheritdoc/>
    protected override SysResult CreateVm(CreateVmContext context)
    {
        if (vms.Find(context.Vm) is not null) return Errno.EIO;
        SysResult result = _life.Create(out SevVm? guest);
        if (guest is not null) vms.Add(context.Vm, guest);
        return result;
    }

    /// <inheritdoc/>
    protected override SysResult DestroyVm(DestroyVmContext context)
    {
        if (vms.Find(context.Vm) is not { } guest) return SysResult.Ok;
        if (guest.TdiCount > guest.StrandedTdis) return Errno.EBUSY;
        vms.Remove(context.Vm);
        if (guest.StrandedTdis > 0)
        {
            const string Reason = "a TDI of the guest could not be taken away";
            firmware.Pages.Quarantine([.. guest.Memory.Values, .. guest.Mmio.Values.Select(m => m.Hpa), guest.Context], Reason);
            return Errno.EIO;
        }

        foreach (ulong page in guest.Mmio.Keys.ToArray()) _mmio.Unmap(guest, page);
        firmware.Pages.Quarantine([.. guest.Mmio.Values.Select(m => m.Hpa)], "the reverse map table keeps private MMIO of a guest that has ended");
        return _life.Destroy(guest) && guest.Mmio.Count == 0 ? SysResult.Ok : Errno.EIO;
    }

    /// <inheritdoc/>
    protected override SysResult MapPrivate(MapPrivateContext context)
    {
        (ulong gpa, ulong hpa) = (context.Gpa, context.Hpa);
        if (vms.Find(context.Vm) is not { } guest || !IsPage(gpa) || !IsPage(hpa) || guest.Memory.ContainsKey(gpa) || guest.Mmio.ContainsKey(gpa)) return Errno.EIO;
        if (!firmware.Rmp.Assign(hpa, gpa, guest.Asid, isImmutable: false)) return Errno.EIO;
        guest.Memory.Add(gpa, hpa);
        return SysResult.Ok;
    }

    /// <inheritdoc/>
    protected override SysResult UnmapPrivate(UnmapPrivateContext context)
    {
        if (vms.Find(context.Vm) is not { } guest || !guest.Memory.Remove(context.Gpa, out ulong hpa)) return SysResult.Ok;
        return _life.TakeBack(guest, hpa) ? SysResult.Ok : Errno.EIO;
    }

    /// <inheritdoc/>
    protected override SysResult MapMmio(MapMmioContext context)
    {
        (ulong gpa, ulong hpa) = (context.Gpa, context.Hpa);
        if (vms.Find(context.Vm) is not { } guest || !IsPage(gpa) || !IsPage(hpa)) return Errno.EIO;
        for (uint i = 0; i < context.Pages; i++)
        {
            ulong offset = (ulong)i * RmpConstants.PageSize;
            bool isNew = !guest.Mmio.ContainsKey(gpa + offset);
            if (!_mmio.Map(guest, gpa + offset, hpa + offset)) return Errno.EIO;
            if (isNew) context.OnFailure(() => _mmio.Unmap(guest, gpa + offset));
        }

        return SysResult.Ok;
    }

    /// <inheritdoc/>
    protected override SysResult UnmapMmio(UnmapMmioContext context)
    {
        if (vms.Find(context.Vm) is not { } guest) return SysResult.Ok;
        return _mmio.Unmap(guest, context.Gpa, context.Pages) ? SysResult.Ok : Errno.EIO;
    }

    private static bool IsPage(ulong address) => address % RmpConstants.PageSize == 0;
}
