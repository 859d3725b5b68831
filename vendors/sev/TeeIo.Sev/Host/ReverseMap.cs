using TeeIo.Sev.Rmp;

namespace TeeIo.Sev.Host;

/// <summary>The host's way to the reverse map table, which says whose each page is.</summary>
/// <param name="instructions">RMPUPDATE.</param>
internal sealed class ReverseMap(RmpClient instructions)
{
    private const int MaxTries = 64;

    /// <summary>Gives a page of the host to the firmware.</summary>
    public bool GiveToFirmware(ulong page) => Update(page, 0, new RmpAttributes { Assigned = true, Immutable = true });

    /// <summary>Gives a page to a guest; an immutable one stays as it is until SNP_PAGE_RECLAIM.</summary>
    public bool Assign(ulong page, ulong gpa, uint asid, bool isImmutable) =>
        Update(page, gpa, new RmpAttributes { Assigned = true, Immutable = isImmutable, Asid = asid });

    /// <summary>Makes a page the host's.</summary>
    public bool Share(ulong page) => Update(page, 0, default);

    /// <summary>What another CPU is in the way of is tried again: every crossing is a scheduling point, so that one gets its turn in between.</summary>
    private bool Update(ulong page, ulong gpa, RmpAttributes attributes)
    {
        RmpResult result = RmpResult.FailInuse;
        for (int i = 0; i < MaxTries && result is RmpResult.FailInuse or RmpResult.FailOverlap; i++) result = instructions.TryRmpupdate(page, gpa, attributes);
        return result == RmpResult.Success;
    }
}
