using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Sev.Guest;
using TeeIo.Sev.Host;
using TeeIo.Sev.Psp;

namespace TeeIo.Sev.Kvm;

/// <summary>Makes SNP guests, and takes them away. A guest begins with one page of its own, the secrets page; the rest of its memory comes as it is touched.</summary>
/// <param name="firmware">The firmware.</param>
/// <param name="asids">ASIDs that guests may have.</param>
internal sealed class SnpLife(SevFirmware firmware, IReadOnlyList<uint> asids)
{
    private const int MaxActivations = 4;
    private readonly HashSet<uint> _asidsInUse = [];

    /// <summary>Makes a guest; what was made is gone again where a step fails.</summary>
    public SysResult Create(out SevVm? guest)
    {
        guest = null;
        if (firmware.Sizes is null) return Errno.EIO;
        uint[] free = [.. asids.Where(a => !_asidsInUse.Contains(a))];
        if (free.Length == 0) return Errno.ENOSPC;
        ulong context = firmware.Pages.TakeForFirmware();
        if (context == 0) return Errno.EIO;
        if (firmware.Snp.TryGctxCreate(new SnpGctxCreate { GctxPaddr = new GctxPaddrId(context) }) != SevRet.Success)
        {
            firmware.Pages.Return([context]);
            return Errno.EIO;
        }

        var candidate = new SevVm(context, free[0]);
        _asidsInUse.Add(candidate.Asid);
        if (Launch(candidate))
        {
            guest = candidate;
            return SysResult.Ok;
        }

        Destroy(candidate);
        return Errno.EIO;
    }

    /// <summary>Takes a guest away: its memory first, then its context. Its ASID is free only when the firmware has forgotten the guest.</summary>
    /// <returns>False where a page did not come back; it is in quarantine then.</returns>
    public bool Destroy(SevVm guest)
    {
        bool all = true;
        foreach (ulong page in guest.Memory.Values) all &= TakeBack(guest, page);
        guest.Memory.Clear();
        if (firmware.Snp.TryDecommission(new SnpDecommission { GctxPaddr = new GctxPaddrId(guest.Context) }) != SevRet.Success)
        {
            firmware.Pages.Quarantine([guest.Context], "the firmware did not forget a guest");
            return false;
        }

        _asidsInUse.Remove(guest.Asid);
        return firmware.Pages.Return([guest.Context]) && all;
    }

    /// <summary>Makes a page of a guest's private memory the host's again. The guest doesn't reach it any more.</summary>
    /// <returns>False where it stays the guest's; it is in quarantine then.</returns>
    public bool TakeBack(SevVm guest, ulong page)
    {
        bool isOurs = page == guest.Secrets;
        if (isOurs) guest.Secrets = 0;
        if (!firmware.Rmp.Share(page))
        {
            firmware.Pages.Quarantine([page], "the reverse map table keeps a guest's private page");
            return false;
        }

        if (isOurs) firmware.Pages.GiveBack([page]);
        return true;
    }

    private bool Launch(SevVm guest) => Start(guest) && Activate(guest) && AddSecrets(guest) && Finish(guest);

    private bool Start(SevVm guest) =>
        firmware.Snp.TryLaunchStart(new SnpLaunchStart { GctxPaddr = new GctxPaddrId(guest.Context), Policy = SnpPolicy.Smt | SnpPolicy.MustBeOne }) == SevRet.Success;

    /// <summary>Gives the guest its ASID. What an earlier guest with it left in caches goes first, when the firmware says so.</summary>
    private bool Activate(SevVm guest)
    {
        SevRet status = SevRet.DfflushRequired;
        for (int i = 0; i < MaxActivations && status is SevRet.DfflushRequired or SevRet.WbinvdRequired; i++)
        {
            if (i > 0 && !firmware.Flush()) return false;
            status = firmware.Snp.TryActivate(new SnpActivate { GctxPaddr = new GctxPaddrId(guest.Context), Asid = guest.Asid });
        }

        return status == SevRet.Success;
    }

    private bool AddSecrets(SevVm guest)
    {
        if (!firmware.Pages.TryTake(1, out ulong[] page)) return false;
        if (!firmware.Rmp.Assign(page[0], SnpGuestConstants.SecretsGpa, guest.Asid, isImmutable: true))
        {
            firmware.Pages.GiveBack(page);
            return false;
        }

        var update = new SnpLaunchUpdate { GctxPaddr = new GctxPaddrId(guest.Context), PageType = SnpPageType.Secrets, Address = new SysPaddrId(page[0]) };
        if (firmware.Snp.TryLaunchUpdate(update) != SevRet.Success)
        {
            firmware.Pages.Return(page);
            return false;
        }

        guest.Secrets = page[0];
        guest.Memory.Add(SnpGuestConstants.SecretsGpa, page[0]);
        return true;
    }

    private bool Finish(SevVm guest) => firmware.Snp.TryLaunchFinish(new SnpLaunchFinish { GctxPaddr = new GctxPaddrId(guest.Context) }) == SevRet.Success;
}
