using TeeIo.Boundaries;
using TeeIo.Flow;

namespace TeeIo.Tdx.Tests.Firmware;

/// <summary>Passes calls on, and fails the test where a call returns a status that its spec doesn't list.</summary>
internal sealed class ListedStatuses(ModelRegisterTransport inner) : ModelRegisterTransport
{
    public override void Call(CallInfo call, ref RegisterFile registers)
    {
        inner.Call(call, ref registers);
        long outcome = (long)registers[Register.Rax];
        Assert.True(
            call.IsSuccess(outcome) || call.Explain(outcome) is not null,
            $"{call.Name} returns {call.OutcomeNames?.Format((ulong)outcome & call.OutcomeMask)}, which its errors lack.");
    }
}
