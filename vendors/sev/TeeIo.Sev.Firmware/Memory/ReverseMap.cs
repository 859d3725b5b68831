using TeeIo.Platform.Hardware;
using TeeIo.Sev.Psp;
using TeeIo.Sev.Rmp;

namespace TeeIo.Sev.Firmware.Memory;

/// <summary>The reverse map table (RMP): whose each page of memory and MMIO is, and where. All entries are of 4 KiB: 2 MiB are answered as an overlap.</summary>
/// <param name="memory">The machine's memory and MMIO.</param>
/// <param name="maxAsid">Highest ASID.</param>
internal sealed class ReverseMap(PhysicalMemory memory, uint maxAsid)
{
    private const ulong PageMask = PhysicalMemory.PageSize - 1;
    private readonly Dictionary<ulong, RmpEntry> _entries = [];

    /// <summary>Told when the host has changed the entry of a page of memory that its guest had accepted.</summary>
    public Action<RmpEntry>? OnTakenAway { get; set; }

    /// <summary>Pages that are the firmware's: assigned, ASID 0.</summary>
    public int OwnedPages => _entries.Values.Count(entry => entry is { IsAssigned: true, Asid: 0 });

    /// <summary>The entry of the page at <paramref name="hpa"/>.</summary>
    public RmpEntry this[ulong hpa] => _entries.GetValueOrDefault(hpa & ~PageMask);

    /// <summary>Whether there is an entry for <paramref name="hpa"/>.</summary>
    public bool Covers(ulong hpa) => memory.IsMemory(hpa) || memory.IsMmio(hpa);

    /// <summary>Forgets all entries.</summary>
    public void Clear() => _entries.Clear();

    /// <summary>RMPUPDATE. What the guest had accepted isn't any more, whatever changes.</summary>
    public RmpResult Update(ulong hpa, ulong gpa, RmpAttributes attributes)
    {
        if (((hpa | gpa) & PageMask) != 0 || !Covers(hpa) || attributes.Reserved != 0 || attributes.Asid > maxAsid) return RmpResult.FailInput;
        if (attributes.Pagesize != RmpPageSize.Size4k) return RmpResult.FailOverlap;
        if (!attributes.Assigned && (attributes.Asid != 0 || attributes.Immutable)) return RmpResult.FailInput;
        RmpEntry before = this[hpa];
        if (before.IsImmutable) return RmpResult.FailPermission;
        if (attributes.Assigned) _entries[hpa] = new RmpEntry(true, attributes.Asid, gpa, attributes.Immutable);
        else _entries.Remove(hpa);
        if (before is { IsGuest: true, IsValidated: true } && memory.IsMemory(hpa)) OnTakenAway?.Invoke(before);
        return RmpResult.Success;
    }

    /// <summary>PSMASH. There is no entry of 2 MiB that it could split.</summary>
    public static RmpResult Psmash() => RmpResult.FailInput;

    /// <summary>SNP_PAGE_RECLAIM: makes an entry the host's to change again. It stays assigned.</summary>
    public SevRet Reclaim(ulong hpa)
    {
        if ((hpa & PageMask) != 0 || !Covers(hpa)) return SevRet.InvalidAddress;
        RmpEntry entry = this[hpa];
        if (!entry.IsImmutable || entry.Use != PageUse.Free) return SevRet.InvalidPageState;
        _entries[hpa] = entry with { IsImmutable = false };
        return SevRet.Success;
    }

    /// <summary>Says what the firmware uses pages of its own for.</summary>
    public void Use(IEnumerable<ulong> pages, PageUse use)
    {
        foreach (ulong hpa in pages) _entries[hpa] = this[hpa] with { Use = use };
    }

    /// <summary>Sets or clears a guest's acceptance.</summary>
    /// <returns>Whether that changed anything.</returns>
    public bool Validate(ulong hpa, bool isValidated)
    {
        RmpEntry entry = this[hpa];
        if (entry.IsValidated == isValidated) return false;
        _entries[hpa & ~PageMask] = entry with { IsValidated = isValidated };
        return true;
    }

    /// <summary>A page of the launch is the guest's now: accepted, and the host's to change.</summary>
    public void Launch(ulong hpa) => _entries[hpa] = this[hpa] with { IsImmutable = false, IsValidated = true };

    /// <summary>Whether a guest has accepted some page at <paramref name="gpa"/>, wherever it is.</summary>
    public bool IsAccepted(uint asid, ulong gpa) => _entries.Values.Any(entry => entry.IsValidated && entry.Asid == asid && entry.Gpa == (gpa & ~PageMask));
}
