using TeeIo.Boundaries;
using TeeIo.Scheduling;
using TeeIo.Tsm;

namespace TeeIo.Cli.Tests.Explorer;

/// <summary>A known defect, put in on purpose: passes a response on when it no longer holds the locks that keep unbind out.</summary>
/// <param name="inner">The core that does the work.</param>
/// <param name="scheduler">Another task may run before the response is copied.</param>
internal sealed class LateCore(ITsmCore inner, IActorScheduler scheduler) : ITsmCore
{
    public SysResult TsmBind(TsmFunction function, ConfidentialVm vm, uint tdiId) => inner.TsmBind(function, vm, tdiId);

    public SysResult TsmUnbind(TsmFunction function) => inner.TsmUnbind(function);

    public SysResult TsmGuestReq(TsmFunction function, uint selector, ReadOnlySpan<byte> request, Span<byte> response, out ulong tsmCode)
    {
        byte[] own = new byte[response.Length];
        SysResult result = inner.TsmGuestReq(function, selector, request, own, out tsmCode);
        scheduler.Yield();
        own.CopyTo(response);
        return result;
    }
}
