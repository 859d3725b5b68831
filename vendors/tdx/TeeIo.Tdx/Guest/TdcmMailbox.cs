using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Guest;
using TeeIo.Linux;
using TeeIo.Tdx.Ghci;
using TeeIo.Tdx.Tdcall;
using TeeIo.Tdx.Tdcm;

namespace TeeIo.Tdx.Guest;

/// <summary>Runs a command of TDX Connect management through a buffer that the VMM can change at any time: the status is polled, then the rest is read once and checked.</summary>
/// <param name="machine">The vCPU.</param>
/// <param name="tdcall">The TDCALL instruction.</param>
/// <param name="ghci">The way to the VMM.</param>
public sealed class TdcmMailbox(GuestMachine machine, TdcallClient tdcall, GhciClient ghci) : MailboxTransport
{
    private static readonly TimeSpan _interval = TimeSpan.FromMilliseconds(TdcmConstants.PollInterval);

    /// <summary>Why the last command failed without an error code of its own; <see cref="Errno.Ok"/> where it didn't.</summary>
    public Errno Failure { get; private set; }

    /// <inheritdoc/>
    public override MailboxResult Exchange(CallInfo call, uint operation, ulong target, ReadOnlySpan<byte> request, Span<byte> response, out int responseLength)
    {
        responseLength = 0;
        Failure = Errno.EIO;
        int size = TdcmConstants.HeaderSize + Math.Max(request.Length, response.Length);
        int pages = (size + TdcmConstants.BufferAlignment - 1) / TdcmConstants.BufferAlignment;
        if (target > ushort.MaxValue || !TryFindSharedBit(out ulong sharedBit)) return MailboxResult.Fail(0);
        ulong gpa = machine.AllocatePages(pages, isPrivate: false);
        if (gpa == 0) return MailboxResult.Fail(0);
        long begin = machine.Time.GetTimestamp();
        bool isOver = false;
        bool isSent = TryWrite(gpa, operation, request) && TrySend((ushort)target, gpa | sharedBit, pages, begin);
        MailboxResult result = isSent ? Receive(gpa, begin, response, out responseLength, out isOver) : MailboxResult.Fail(0);

        // The VMM may still write to a buffer whose command it hasn't ended, so nobody else gets that one.
        if (isOver || !isSent) machine.FreePages(gpa, pages);
        return result;
    }

    private bool TryFindSharedBit(out ulong bit)
    {
        bool isKnown = tdcall.TryVpInfo(out byte width, out _, out _, out _, out _, out _) == 0 && width is > 32 and <= 64;
        bit = isKnown ? 1UL << (width - 1) : 0;
        return isKnown;
    }

    private bool TryWrite(ulong gpa, uint operation, ReadOnlySpan<byte> request)
    {
        Span<byte> header = stackalloc byte[TdvmcallTdcm.ByteSize];
        new TdvmcallTdcm { Operation = (TdcmOperation)operation, Version = TdcmConstants.Version, DataLength = (uint)request.Length }.Write(header);
        return machine.TryWrite(gpa, header, isPrivate: false) && (request.IsEmpty || machine.TryWrite(gpa + TdcmConstants.HeaderSize, request, isPrivate: false));
    }

    /// <summary>Hands the buffer over. Another command for the device may be under way; it ends in time, or this one gives up.</summary>
    private bool TrySend(ushort device, ulong gpa, int pages, long begin)
    {
        while (true)
        {
            var status = (TdvmcallStatus)ghci.TryTdcm(device, gpa, (ulong)pages * TdcmConstants.BufferAlignment, vector: 0);
            if (status != TdvmcallStatus.Retry) return status == TdvmcallStatus.Success;
            if (IsTimeOver(begin)) return false;
            machine.Sleep(_interval);
        }
    }

    private MailboxResult Receive(ulong gpa, long begin, Span<byte> response, out int length, out bool isOver)
    {
        length = 0;
        isOver = false;
        while (!TryReadHeader(gpa, out TdvmcallTdcm header) || header.Status == TdcmStatus.Wait)
        {
            if (IsTimeOver(begin)) return MailboxResult.Fail(0);
            machine.Sleep(_interval);
        }

        // The status was read before the rest, and the rest is read from here on only once: what the VMM changes later doesn't count.
        isOver = true;
        if (!TryReadHeader(gpa, out TdvmcallTdcm answer)) return MailboxResult.Fail(0);
        if (answer.Status == TdcmStatus.Error)
        {
            Failure = Errno.Ok;
            return MailboxResult.Fail((uint)answer.Error);
        }

        if (answer.Status != TdcmStatus.Completed || answer.DataLength > response.Length || (response.Length > 0 && answer.DataLength == 0)) return MailboxResult.Fail(0);
        if (answer.DataLength > 0 && !machine.TryRead(gpa + TdcmConstants.HeaderSize, response[..(int)answer.DataLength], isPrivate: false)) return MailboxResult.Fail(0);
        length = (int)answer.DataLength;
        Failure = Errno.Ok;
        return MailboxResult.Ok;
    }

    private bool IsTimeOver(long begin)
    {
        if (machine.Time.GetElapsedTime(begin) < TimeSpan.FromMilliseconds(TdcmConstants.PollTimeout)) return false;
        Failure = Errno.ETIMEDOUT;
        return true;
    }

    private bool TryReadHeader(ulong gpa, out TdvmcallTdcm header)
    {
        Span<byte> bytes = stackalloc byte[TdvmcallTdcm.ByteSize];
        header = default;
        return machine.TryRead(gpa, bytes, isPrivate: false) && TdvmcallTdcm.TryRead(bytes, out header);
    }
}
