using TeeIo.Sev.Psp;
using TeeIo.Tsm;

namespace TeeIo.Sev.Host;

/// <summary>Pages on their way to the firmware and back. One that the firmware may still own never leaves quarantine.</summary>
/// <param name="memory">The host's memory.</param>
/// <param name="snp">The firmware.</param>
/// <param name="rmp">The reverse map table.</param>
internal sealed class FirmwarePages(IHostPages memory, SnpFirmwareClient snp, ReverseMap rmp)
{
    private const string Reason = "the firmware did not give up a page";

    /// <summary>Takes <paramref name="count"/> pages, or none.</summary>
    public bool TryTake(int count, out ulong[] taken)
    {
        taken = new ulong[count];
        for (int i = 0; i < count; i++)
        {
            taken[i] = memory.Allocate();
            if (taken[i] != 0) continue;
            GiveBack(taken.AsSpan(..i));
            taken = [];
            return false;
        }

        return true;
    }

    /// <summary>Frees pages that stayed the host's.</summary>
    public void GiveBack(ReadOnlySpan<ulong> pages)
    {
        foreach (ulong page in pages) memory.Free(page);
    }

    /// <summary>Makes pages of the host the firmware's.</summary>
    /// <returns>False where one could not be; none of them is anybody's any more then.</returns>
    public bool TryGive(ReadOnlySpan<ulong> pages)
    {
        for (int i = 0; i < pages.Length; i++)
        {
            if (rmp.GiveToFirmware(pages[i])) continue;
            Return(pages[..i]);
            GiveBack(pages[i..]);
            return false;
        }

        return true;
    }

    /// <summary>Takes a page that is the firmware's from the start; 0 where there is none.</summary>
    public ulong TakeForFirmware() => TryTake(1, out ulong[] page) && TryGive(page) ? page[0] : 0;

    /// <summary>Makes a page of the firmware the host's again.</summary>
    /// <returns>False where the firmware keeps it; it is in quarantine then.</returns>
    public bool Reclaim(ulong page)
    {
        bool reclaimed = TryReclaim(page) && rmp.Share(page);
        if (!reclaimed) memory.Quarantine(page, Reason);
        return reclaimed;
    }

    /// <summary>Makes pages of the firmware the host's again, and frees them.</summary>
    /// <returns>False where the firmware keeps one; that one is in quarantine then.</returns>
    public bool Return(ReadOnlySpan<ulong> pages)
    {
        bool all = true;
        foreach (ulong page in pages)
        {
            bool reclaimed = Reclaim(page);
            if (reclaimed) memory.Free(page);
            all &= reclaimed;
        }

        return all;
    }

    /// <summary>Takes pages out of use that the firmware may still own.</summary>
    public void Quarantine(ReadOnlySpan<ulong> pages, string reason)
    {
        foreach (ulong page in pages) memory.Quarantine(page, reason);
    }

    /// <summary>Has the firmware let go of a page, whosever it is. It is asked twice, since a page that it keeps is lost for good.</summary>
    public bool TryReclaim(ulong page) => Reclaims(page) || Reclaims(page);

    /// <summary>Runs a command that writes a record into a page of the firmware, and reads the record.</summary>
    /// <param name="command">The command; its argument is the page.</param>
    /// <param name="record">Receives the record.</param>
    /// <returns>The command's status; NO_FW_CALL where there was no page for it, or it didn't come back.</returns>
    public SevRet Read(Func<SysPaddrId, SevRet> command, Span<byte> record)
    {
        ulong page = TakeForFirmware();
        if (page == 0) return SevRet.NoFwCall;
        SevRet status = command(new SysPaddrId(page));
        memory.Read(page, record);
        return Return([page]) ? status : SevRet.NoFwCall;
    }

    private bool Reclaims(ulong page) => snp.TryPageReclaim(new SnpPageReclaim { Paddr = new SysPaddrId(page) }) == SevRet.Success;
}
