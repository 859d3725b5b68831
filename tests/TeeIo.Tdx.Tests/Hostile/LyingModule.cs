using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Hostile;
using TeeIo.Tdx.Status;
using TeeIo.Tdx.Tests.Drivers;

namespace TeeIo.Tdx.Tests.Hostile;

/// <summary>A module of which one answer is wrong, or all answers of one leaf from then on: another status, or other outputs.</summary>
internal sealed class LyingModule(Mutation mutation, ScriptedModule module, int calls) : ModelRegisterTransport
{
    private static readonly TdxStatus[] s_statuses = Enum.GetValues<TdxStatus>();
    private static readonly Register[] s_outputs = [Register.Rcx, Register.Rdx, Register.R8, Register.R9, Register.R10, Register.R11];
    private readonly int _lieAt = mutation.Below(calls);
    private readonly bool _isLasting = mutation.Once(4);
    private CallInfo? _leaf;
    private int _calls;

    /// <summary>Whether it lies; it doesn't at first.</summary>
    public bool IsOn { get; set; }

    /// <summary>The lies, leaf and status.</summary>
    public string Said { get; private set; } = "no lie";

    public override void Call(CallInfo call, ref RegisterFile registers)
    {
        const int Limit = 1 << 16;
        if (!IsOn)
        {
            module.Call(call, ref registers);
            return;
        }

        if (++_calls > Limit) throw new InvalidOperationException("The driver calls the module without end.");
        bool lies = _calls == _lieAt + 1 || (_isLasting && call == _leaf);
        bool isDone = !lies || mutation.Once(2);
        if (isDone) Do(call, ref registers);
        if (!lies) return;
        _leaf = call;

        // A status of the list with any details, or outputs that nobody asked for.
        if (!isDone || mutation.Once(2)) registers[Register.Rax] = (ulong)s_statuses[mutation.Below(s_statuses.Length)] | (uint)mutation.Number();
        if (isDone && mutation.Once(2)) registers[Register.Rax] = 0;
        foreach (Register output in s_outputs)
        {
            if (mutation.Once(4)) registers[output] = mutation.Change(registers[output]);
        }

        Said = $"{call.Name} = {registers[Register.Rax]:x} (rcx {registers[Register.Rcx]:x}, r8 {registers[Register.R8]:x}, {(isDone ? "done" : "not done")}{(_isLasting ? ", lasting" : "")})";
    }

    /// <summary>The scripted module has no answer for what it didn't see done; a real one refuses it.</summary>
    private void Do(CallInfo call, ref RegisterFile registers)
    {
        try
        {
            module.Call(call, ref registers);
        }
        catch (KeyNotFoundException)
        {
            registers[Register.Rax] = (ulong)TdxStatus.OperandInvalid;
        }
    }
}
