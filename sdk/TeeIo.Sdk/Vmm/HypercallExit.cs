using TeeIo.Boundaries;
using TeeIo.Linux.Kvm;

namespace TeeIo.Vmm;

/// <summary>A guest's call in registers as KVM_EXIT_HYPERCALL carries it: the number in RAX, four arguments in RBX, RCX, RDX and RSI. For vendors whose calls have no exit of their own.</summary>
/// <remarks>KVM's hypercalls are called so (Linux, Documentation/virt/kvm/x86/hypercalls.rst). That arguments come back changed is ours: KVM returns RAX alone.</remarks>
public static class HypercallExit
{
    private static readonly Register[] s_arguments = [Register.Rbx, Register.Rcx, Register.Rdx, Register.Rsi];

    /// <summary>The registers that a guest showed.</summary>
    /// <returns>False where <paramref name="exit"/> is too short.</returns>
    public static bool TryRead(ReadOnlySpan<byte> exit, out RegisterFile registers)
    {
        registers = default;
        if (!KvmExitHypercall.TryRead(exit, out KvmExitHypercall call)) return false;
        registers[Register.Rax] = (ulong)call.Nr;
        ReadOnlySpan<ulong> arguments = call.Args;
        for (int i = 0; i < s_arguments.Length; i++) registers[s_arguments[i]] = arguments[i];
        return true;
    }

    /// <summary>Shows the registers of a guest that has called.</summary>
    public static void Write(in RegisterFile registers, Span<byte> exit)
    {
        KvmExitHypercall call = new() { Nr = (KvmHypercall)registers[Register.Rax] };
        WriteArguments(in registers, ref call);
        call.Write(exit);
    }

    /// <summary>Answers a call: what RAX holds is its result.</summary>
    public static void WriteAnswer(in RegisterFile registers, Span<byte> exit)
    {
        if (!KvmExitHypercall.TryRead(exit, out KvmExitHypercall call)) return;
        WriteArguments(in registers, ref call);
        call.Ret = registers[Register.Rax];
        call.Write(exit);
    }

    /// <summary>The registers that the guest finds after its call.</summary>
    /// <returns>False where <paramref name="exit"/> is too short.</returns>
    public static bool TryReadAnswer(ReadOnlySpan<byte> exit, out RegisterFile registers)
    {
        if (!TryRead(exit, out registers) || !KvmExitHypercall.TryRead(exit, out KvmExitHypercall call)) return false;
        registers[Register.Rax] = call.Ret;
        return true;
    }

    private static void WriteArguments(in RegisterFile registers, ref KvmExitHypercall call)
    {
        Span<ulong> arguments = call.Args;
        for (int i = 0; i < s_arguments.Length; i++) arguments[i] = registers[s_arguments[i]];
    }
}
