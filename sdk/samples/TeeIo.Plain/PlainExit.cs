using TeeIo.Boundaries;
using TeeIo.Linux.Kvm;
using TeeIo.Platform.Hardware;

namespace TeeIo.Plain;

/// <summary>KVM's part: a guest's call goes to user space as a hypercall, its registers as the arguments.</summary>
internal sealed class PlainExit : IExitEncoder
{
    private static readonly Register[] s_arguments = [Register.Rcx, Register.Rdx, Register.R8, Register.R9];

    public uint? Encode(IExitingVcpu vcpu, ref RegisterFile registers, Span<byte> exit)
    {
        KvmExitHypercall call = new() { Nr = (KvmHypercall)registers[Register.Rax] };
        Span<ulong> arguments = call.Args;
        for (int i = 0; i < s_arguments.Length; i++) arguments[i] = registers[s_arguments[i]];
        call.Write(exit);
        return (uint)ExitReason.Hypercall;
    }

    public void Complete(IExitingVcpu vcpu, ref RegisterFile registers, ReadOnlySpan<byte> exit)
    {
        if (!TryRead(exit, out RegisterFile answer) || !KvmExitHypercall.TryRead(exit, out KvmExitHypercall call)) return;
        registers = answer;
        registers[Register.Rax] = call.Ret;
    }

    /// <summary>The registers that a guest showed.</summary>
    public static bool TryRead(ReadOnlySpan<byte> exit, out RegisterFile registers)
    {
        registers = default;
        if (!KvmExitHypercall.TryRead(exit, out KvmExitHypercall call)) return false;
        registers[Register.Rax] = (ulong)call.Nr;
        ReadOnlySpan<ulong> arguments = call.Args;
        for (int i = 0; i < s_arguments.Length; i++) registers[s_arguments[i]] = arguments[i];
        return true;
    }

    /// <summary>Puts a call's status and results where the guest finds them.</summary>
    public static void WriteAnswer(in RegisterFile registers, Span<byte> exit)
    {
        if (!KvmExitHypercall.TryRead(exit, out KvmExitHypercall call)) return;
        Span<ulong> arguments = call.Args;
        for (int i = 0; i < s_arguments.Length; i++) arguments[i] = registers[s_arguments[i]];
        call.Ret = registers[Register.Rax];
        call.Write(exit);
    }
}
