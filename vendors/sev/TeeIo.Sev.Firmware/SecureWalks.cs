using TeeIo.Pci.Tdisp;
using TeeIo.Platform.Hardware;
using TeeIo.Sev.Firmware.Devices;
using TeeIo.Sev.Firmware.Guests;
using TeeIo.Sev.Firmware.Memory;
using TeeIo.Sev.Guest;
using TeeIo.Sev.Kvm;
using TeeIo.Tsm;

namespace TeeIo.Sev.Firmware;

/// <summary>The walks of CPUs and IOMMU: the host's nested tables say where, the RMP says whether. For a device its TDI, its secure device table entry and the fence come first.</summary>
internal sealed class SecureWalks(
    PhysicalMemory memory, ReverseMap rmp, GuestTable guests, DeviceTable devices, AsidFences fences, INestedPageTables tables, Func<ConfidentialVm, ulong?> contexts)
{
    private const ulong PageMask = PhysicalMemory.PageSize - 1;
    private readonly HashSet<ConfidentialVm> _vms = [];

    /// <summary>Learns of a VM, whose guest's tables an IOMMU may have to walk, and forgets those that have no guest any more.</summary>
    public void Know(ConfidentialVm vm)
    {
        if (_vms.Add(vm)) _vms.RemoveWhere(known => known != vm && contexts(known) is null);
    }

    public PageWalk WalkPrivate(ConfidentialVm vm, ulong gpa)
    {
        PageWalkResult result = Find(vm, gpa, out ulong page);
        if (result != PageWalkResult.Mapped) return PageWalk.Without(result);
        GuestContext guest = FindGuest(vm)!;
        if (memory.IsMmio(page) && devices.BoundTo(guest).FirstOrDefault(tdi => tdi.AcceptedMmio.Contains(page)) is { } owner && IsFencedForError(owner, guest))
            return PageWalk.Without(PageWalkResult.Denied);
        return Mapped(guest, page, gpa);
    }

    /// <summary>Walks for a request with the T bit. One that finds a page of the guest's missing which the guest has accepted is what the error fence is for.</summary>
    public PageWalk WalkTrustedDma(ushort requesterId, ulong address, bool isWrite)
    {
        TdiContext? tdi = devices.Tdis.FirstOrDefault(candidate => candidate.RequesterId == requesterId && candidate.State == TdiState.Run);
        if (tdi?.Guest is not { } guest) return PageWalk.Without(PageWalkResult.Denied);
        Sdte entry = tdi.Sdte;
        bool isAllowed = entry.V && (isWrite ? entry.Iw : entry.Ir);
        bool isShared = entry.VtomEn && address >> TioGuestConstants.VtomShift >= entry.Vtom;
        if (!isAllowed || isShared || !fences.IsOpen(tdi.Device.RootPortId, guest.Asid)) return PageWalk.Without(PageWalkResult.Denied);
        ConfidentialVm? vm = _vms.FirstOrDefault(candidate => FindGuest(candidate) == guest);
        PageWalkResult result = PageWalkResult.NotMapped;
        ulong page = 0;
        if (vm is not null) result = Find(vm, address, out page);
        if (result == PageWalkResult.Mapped) return Mapped(guest, page, address);
        if (rmp.IsAccepted(guest.Asid, address)) fences.FenceForError(tdi.Device.RootPortId, guest.Asid);
        return PageWalk.Without(PageWalkResult.Denied);
    }

    /// <summary>The host has taken a page that the guest with this ASID had accepted: where a TDI of it runs, its DMA might go there.</summary>
    public void OnTakenAway(RmpEntry entry)
    {
        if (!guests.TryGetByAsid(entry.Asid, out GuestContext? guest)) return;
        foreach (TdiContext tdi in devices.BoundTo(guest).Where(tdi => tdi.State == TdiState.Run)) fences.FenceForError(tdi.Device.RootPortId, guest.Asid);
    }

    /// <summary>Finds the page behind a private address of a VM.</summary>
    public PageWalkResult Find(ConfidentialVm vm, ulong gpa, out ulong page)
    {
        page = 0;
        Know(vm);
        if (FindGuest(vm) is not { IsActive: true } guest) return PageWalkResult.Denied;
        if (!tables.TryTranslate(vm, gpa, out ulong hpa) || !rmp.Covers(hpa)) return PageWalkResult.NotMapped;
        page = hpa & ~PageMask;
        RmpEntry entry = rmp[page];
        if (!entry.IsAssigned) return PageWalkResult.NotMapped;
        if (entry.Asid != guest.Asid || entry.Gpa != (gpa & ~PageMask)) return PageWalkResult.Denied;
        return entry.IsValidated ? PageWalkResult.Mapped : PageWalkResult.Pending;
    }

    private bool IsFencedForError(TdiContext tdi, GuestContext guest) => fences[tdi.Device.RootPortId, guest.Asid].Dma == Psp.AsidFenceDma.Error;

    /// <summary>MMIO isn't enciphered; all else is under the guest's key.</summary>
    private PageWalk Mapped(GuestContext guest, ulong page, ulong gpa) =>
        new(PageWalkResult.Mapped, page + (gpa & PageMask), memory.IsMmio(page) ? KeyId.Shared : guest.Key);

    private GuestContext? FindGuest(ConfidentialVm vm) => contexts(vm) is { } paddr && guests.TryGet(paddr, out GuestContext? guest) ? guest : null;
}
