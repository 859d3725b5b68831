using TeeIo.Boundaries;
using TeeIo.Guest;
using TeeIo.Linux;
using TeeIo.Tdx.Host;
using TeeIo.Tdx.Status;
using TeeIo.Tdx.Tdcall;

namespace TeeIo.Tdx.Guest;

/// <summary>Takes a device's MMIO and DMA into a TD, and authorises its start.</summary>
/// <param name="tdcall">The TDCALL instruction.</param>
internal sealed class TdxAcceptance(TdcallClient tdcall)
{
    /// <summary>Accepts <paramref name="ranges"/>, then DMA, then authorises the start of the bind <paramref name="session"/> and no other.</summary>
    public SysResult Accept(FunctionId function, IReadOnlyList<TeeRange> ranges, ulong session)
    {
        foreach (TeeRange range in ranges)
        {
            if (!AcceptMmio(function, range)) return Errno.EIO;
        }

        if (!AcceptDma(function)) return Errno.EIO;
        StatusWord status;
        var retry = new Retry();
        do status = tdcall.TryTdiStart(function, session);
        while (retry.Again(status));
        if (status.IsSuccess) return SysResult.Ok;
        return status.Status is TdxStatus.TdiNotPresent or TdxStatus.TdiInvalidMetadata ? Errno.ESTALE : Errno.EIO;
    }

    private bool AcceptMmio(FunctionId function, TeeRange range)
    {
        uint at = 0;
        uint step = range.PageCount;
        var retry = new Retry();
        while (at < range.PageCount)
        {
            uint count = Math.Min(step, range.PageCount - at);
            StatusWord status = tdcall.TryMmioAccept(
                PageLevel.Size4k, range.FirstGpaPage + at, (ulong)range.Index, function, count, at, out _, out ulong nextPage, out uint left, out uint nextOffset);
            if (status.Status == TdxStatus.InterruptedResumable && left < count)
            {
                // The module says where it stopped; it must have come on, and along the range.
                uint done = count - left;
                if (nextPage != range.FirstGpaPage + at + done || nextOffset != at + done) return false;
                at += done;
            }
            else if (status.Status is TdxStatus.PageAlreadyAccepted or TdxStatus.MmioPageAlreadyAccepted && count > 1)
            {
                // Some page was accepted before and which isn't said, so each is asked about on its own.
                step = 1;
            }
            else if (status.IsSuccess)
            {
                at += count;
            }
            else if (!retry.Again(status))
            {
                return false;
            }
        }

        return true;
    }

    private bool AcceptDma(FunctionId function)
    {
        StatusWord status;
        var retry = new Retry();
        do status = tdcall.TryDmarAccept(function, vmIndex: 0);
        while (retry.Again(status));
        return status.IsSuccess;
    }
}
