using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Guest;
using TeeIo.Linux;
using TeeIo.Plain.Calls;
using TeeIo.Tsm;

namespace TeeIo.Plain;

/// <summary>Plug point 2, the guest's TSM driver. It has nobody but the host to believe.</summary>
[TsmDriver]
internal sealed partial class PlainGuestTsm(GuestMachine machine, CrossingHub hub) : GuestTsmDriver
{
    private const int BufferPages = 2;
    private readonly PlainModelClient _calls = new(machine.Instructions, hub);
    //#if (filled)

    protected override SysResult Lock(LockContext context) => Result(_calls.TryLock(context.Device.Value.RequesterId));
    //#endif

    protected override SysResult Evidence(EvidenceContext context)
    {
        const uint Room = BufferPages * GuestMachine.PageSize;
        ulong buffer = machine.AllocatePages(BufferPages, isPrivate: false);
        if (buffer == 0) return Errno.EIO;
        SysResult result = Result(_calls.TryEvidence(context.Device.Value.RequesterId, context.Kind, buffer, Room, out uint length));
        if (result.IsOk && length > Math.Min(Room, context.Response.Length)) result = Errno.EPROTO;
        if (result.IsOk) result = machine.TryRead(buffer, context.Response[..(int)length], isPrivate: false) ? SysResult.Of(length) : Errno.EIO;
        machine.FreePages(buffer, BufferPages);
        return result;
    }
    //#if (filled)

    protected override SysResult Accept(AcceptContext context)
    {
        GuestDevice device = context.Device.Value;
        if (!TeeRanges.TryRead(device.VerifiedReport.Span, device, out List<TeeRange> ranges)) return Errno.EPROTO;
        context.OnFailure(() => _calls.TryUnlock(device.RequesterId));
        foreach (ulong page in ranges.SelectMany(r => Enumerable.Range(0, (int)r.PageCount).Select(i => r.FirstGpaPage + (ulong)i)))
        {
            if (_calls.TryAcceptPage(page * GuestMachine.PageSize) != (ulong)PlainStatus.Ok) return Errno.EIO;
        }

        return Result(_calls.TryStart(device.RequesterId));
    }

    protected override SysResult Unlock(UnlockContext context) => Result(_calls.TryUnlock(context.Device.RequesterId));
    //#endif

    private static SysResult Result(ulong status) => status == (ulong)PlainStatus.Ok ? SysResult.Ok : Errno.EIO;
}
