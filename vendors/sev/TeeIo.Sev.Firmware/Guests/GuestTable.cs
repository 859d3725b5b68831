using System.Diagnostics.CodeAnalysis;
using TeeIo.Sev.Firmware.Memory;
using TeeIo.Sev.Psp;

namespace TeeIo.Sev.Firmware.Guests;

/// <summary>The guests' life: a context out of a firmware page, an ASID, the launch page by page, and the end.</summary>
internal sealed class GuestTable(FirmwarePages pages, ReverseMap rmp, Asids asids, Random random)
{
    private readonly SortedDictionary<ulong, GuestContext> _guests = [];

    public int Count => _guests.Count;

    /// <summary>Whether TDIs are bound to a guest.</summary>
    public Func<GuestContext, bool> HasDevices { get; set; } = _ => false;

    /// <summary>Told when a guest is gone.</summary>
    public Action<GuestContext>? OnGone { get; set; }

    public bool TryGet(ulong paddr, [NotNullWhen(true)] out GuestContext? guest) => _guests.TryGetValue(pages.Physical(paddr), out guest);

    public bool TryGetByAsid(uint asid, [NotNullWhen(true)] out GuestContext? guest)
    {
        guest = asid == 0 ? null : _guests.Values.FirstOrDefault(candidate => candidate.Asid == asid);
        return guest is not null;
    }

    public SevRet Create(GctxPaddrId paddr)
    {
        ulong page = pages.Physical(paddr.Value);
        SevRet status = pages.CheckFirmware(page);
        if (status != SevRet.Success) return status;
        rmp.Use([page], PageUse.GuestContext);
        _guests.Add(page, new GuestContext(page, random));
        return SevRet.Success;
    }

    public SevRet Activate(GctxPaddrId paddr, uint asid)
    {
        if (!TryGet(paddr.Value, out GuestContext? guest)) return SevRet.InvalidGuest;
        if (!asids.IsValid(asid)) return SevRet.InvalidAsid;
        if (guest.Asid != 0) return SevRet.Active;
        if (TryGetByAsid(asid, out _)) return SevRet.AsidOwned;
        SevRet status = asids.Take(asid);
        if (status == SevRet.Success) guest.Asid = asid;
        return status;
    }

    public SevRet Start(GctxPaddrId paddr, SnpPolicy policy)
    {
        if (!TryGet(paddr.Value, out GuestContext? guest)) return SevRet.InvalidGuest;
        if (guest.State != GuestState.Created) return SevRet.InvalidGuestState;
        if (!policy.HasFlag(SnpPolicy.MustBeOne) || (policy & NotFulfilled) != 0) return SevRet.PolicyFailure;
        guest.Start(policy);
        return SevRet.Success;
    }

    /// <summary>Forgets a guest. One that owns devices stays.</summary>
    public SevRet Decommission(GctxPaddrId paddr)
    {
        if (!TryGet(paddr.Value, out GuestContext? guest)) return SevRet.InvalidGuest;
        if (HasDevices(guest)) return SevRet.InUse;
        _guests.Remove(guest.Paddr);
        rmp.Use([guest.Paddr], PageUse.Free);
        if (guest.Asid != 0) asids.Leave(guest.Asid);
        OnGone?.Invoke(guest);
        return SevRet.Success;
    }

    /// <summary>What a policy may ask for and this platform doesn't do.</summary>
    private const SnpPolicy NotFulfilled = SnpPolicy.MigrateMa | SnpPolicy.MemAes256Xts | SnpPolicy.RaplDis | SnpPolicy.CiphertextHiding;
}
