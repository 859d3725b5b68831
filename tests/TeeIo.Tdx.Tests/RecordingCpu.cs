using TeeIo.Boundaries;
using TeeIo.Flow;

namespace TeeIo.Tdx.Tests;

/// <summary>Keeps the registers of the last call, and answers with registers that a test sets.</summary>
internal sealed class RecordingCpu : ModelRegisterTransport
{
    private RegisterFile _answer;

    public CallInfo? Called { get; private set; }

    public string Seen { get; private set; } = "";

    public RecordingCpu Answer(Register register, ulong value)
    {
        RegisterFile answer = _answer;
        answer[register] = value;
        _answer = answer;
        return this;
    }

    public override void Call(CallInfo call, ref RegisterFile registers)
    {
        Called = call;
        Seen = Text(registers);
        registers = _answer;
    }

    /// <summary>The registers that aren't zero, as <c>rax=43 rcx=1</c>.</summary>
    public static string Text(RegisterFile registers) => string.Join(' ', Enum.GetValues<Register>().Where(r => registers[r] != 0).Select(r => $"{r}={registers[r]:x}")).ToLowerInvariant();
}
