using TeeIo.Boundaries;
using TeeIo.Platform.Hardware;

namespace TeeIo.Tdx.Module;

/// <summary>TDG.VP.VMCALL: which registers leave the guest, and which come back. Only R10 to R15 are modelled; the others that a mask may name carry nothing here.</summary>
internal static class VmCalls
{
    /// <summary>Registers that never leave.</summary>
    private const ulong Forbidden = (1UL << (int)Register.Rax) | (1UL << (int)Register.Rcx) | (1UL << (int)Register.Rsp);

    public static bool IsMaskValid(ulong mask) => mask <= uint.MaxValue && (mask & Forbidden) == 0;

    /// <summary>Leaves the guest with the selected ones of <paramref name="registers"/> (R10 to R15); those are what the host put there afterwards.</summary>
    public static Outcome Leave(IVirtualCpu vcpu, ulong mask, Span<ulong> registers)
    {
        RegisterFile shown = default;
        shown[Register.Rcx] = mask;
        for (int i = 0; i < registers.Length; i++)
        {
            if (IsSelected(mask, i)) shown[Register.R10 + i] = registers[i];
        }

        vcpu.ExitWithCall(ref shown);
        for (int i = 0; i < registers.Length; i++)
        {
            if (IsSelected(mask, i)) registers[i] = shown[Register.R10 + i];
        }

        return Outcome.Success;
    }

    private static bool IsSelected(ulong mask, int index) => (mask >> ((int)Register.R10 + index) & 1) != 0;
}
