using TeeIo.Tdx.Seamcall;
using TeeIo.Tsm;

namespace TeeIo.Tdx.Host;

/// <summary>Pages on their way to the module and back. One that comes back is flushed before anybody else gets it; one that may not have come back never leaves quarantine.</summary>
/// <param name="memory">The host's memory.</param>
/// <param name="calls">The module.</param>
internal sealed class FirmwarePages(IHostPages memory, SeamcallClient calls)
{
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

    /// <summary>Frees pages that the module never got.</summary>
    public void GiveBack(ReadOnlySpan<ulong> pages)
    {
        foreach (ulong page in pages)
        {
            if (page != 0) memory.Free(page);
        }
    }

    /// <summary>Frees pages that the module has given back, each after its cache lines are written back.</summary>
    /// <returns>False where a page could not be flushed; it is in quarantine then.</returns>
    public bool Return(ReadOnlySpan<ulong> pages)
    {
        bool all = true;
        foreach (ulong page in pages)
        {
            bool flushed = Flush(page);
            if (flushed) memory.Free(page);
            else memory.Quarantine(page, "its cache lines could not be written back");
            all &= flushed;
        }

        return all;
    }

    /// <summary>Takes pages out of use that the module may still own.</summary>
    public void Quarantine(ReadOnlySpan<ulong> pages, string reason)
    {
        foreach (ulong page in pages) memory.Quarantine(page, reason);
    }

    /// <summary>Writes back the cache lines of a page that the module has given back.</summary>
    public bool Flush(ulong page)
    {
        StatusWord status;
        var retry = new Retry();
        do status = calls.TryPhymemPageWbinvd(page);
        while (retry.Again(status));
        return status.IsSuccess;
    }
}
