using TeeIo.Sev.Host;
using TeeIo.Sev.Rmp;

namespace TeeIo.Sev.Kvm;

/// <summary>Private MMIO of VMs: in the reverse map table, and in their nested page tables.</summary>
/// <param name="firmware">The firmware.</param>
internal sealed class MmioMappings(SevFirmware firmware)
{
    /// <summary>Maps a page, immutable until <see cref="Reclaim"/>. One that is mapped so already becomes immutable again, which the firmware wants of any page that a message is about.</summary>
    public bool Map(SevVm vm, ulong gpa, ulong hpa)
    {
        bool isKnown = vm.Mmio.TryGetValue(gpa, out PrivateMmio? page);
        if (vm.Memory.ContainsKey(gpa) || (isKnown && page!.Hpa != hpa) || !vm.Tdis.Values.Any(t => t.IsOpen && t.Pages.Contains(hpa))) return false;
        if (isKnown && page!.IsImmutable) return true;
        if (!firmware.Rmp.Assign(hpa, gpa, vm.Asid, isImmutable: true)) return false;
        if (isKnown) page!.IsImmutable = true;
        else vm.Mmio.Add(gpa, new PrivateMmio(hpa));
        return true;
    }

    /// <summary>Makes a page immutable again; nothing happens where it is, or isn't the guest's.</summary>
    public bool Hold(SevVm vm, ulong gpa) => !vm.Mmio.TryGetValue(gpa, out PrivateMmio? page) || Map(vm, gpa, page.Hpa);

    /// <summary>Makes a page's entry changeable again; nothing happens where it is.</summary>
    public bool Reclaim(SevVm vm, ulong gpa)
    {
        if (!vm.Mmio.TryGetValue(gpa, out PrivateMmio? page) || !page.IsImmutable) return true;
        page.IsImmutable = !firmware.Pages.TryReclaim(page.Hpa);
        return !page.IsImmutable;
    }

    /// <summary>Takes a page away from its guest, and makes it the host's; nothing happens where it is.</summary>
    /// <returns>False where the reverse map table keeps it for the guest: nobody reaches it then, and the VM stays accountable for it.</returns>
    public bool Unmap(SevVm vm, ulong gpa)
    {
        if (!vm.Mmio.TryGetValue(gpa, out PrivateMmio? page)) return true;
        page.IsMapped = false;
        if (!Reclaim(vm, gpa) || !firmware.Rmp.Share(page.Hpa)) return false;
        vm.Mmio.Remove(gpa);
        return true;
    }

    /// <summary>Takes all pages of a range away.</summary>
    public bool Unmap(SevVm vm, ulong gpa, uint pages)
    {
        bool all = true;
        foreach (ulong page in InRange(vm, gpa, pages)) all &= Unmap(vm, page);
        return all;
    }

    /// <summary>Takes all pages of a TDI away.</summary>
    public bool Unmap(SevVm vm, TdiMmio tdi)
    {
        bool all = true;
        foreach (ulong page in vm.Mmio.Where(m => tdi.Pages.Contains(m.Value.Hpa)).Select(m => m.Key).ToArray()) all &= Unmap(vm, page);
        return all;
    }

    /// <summary>The private pages of a range.</summary>
    public static ulong[] InRange(SevVm vm, ulong gpa, uint pages)
    {
        ulong length = (ulong)pages * RmpConstants.PageSize;
        return [.. vm.Mmio.Keys.Where(page => page >= gpa && page - gpa < length)];
    }
}
