using TeeIo.Boundaries;
using TeeIo.Linux.Kvm;
using TeeIo.Platform.Hardware;
using TeeIo.Tdx.Ghci;
using TeeIo.Tdx.Kvm;
using TeeIo.Tsm;

namespace TeeIo.Tdx.Module.Platform;

/// <summary>KVM's part of a TDVMCALL: what it answers by itself, and in which form the rest reaches user space.</summary>
/// <param name="sharedBit">The bit that marks a shared address of a VM.</param>
internal sealed class TdxExitEncoder(Func<ConfidentialVm, ulong> sharedBit) : IExitEncoder
{
    public uint? Encode(IExitingVcpu vcpu, ref RegisterFile registers, Span<byte> exit)
    {
        if (registers[Register.R10] != 0) return Answer(ref registers, TdvmcallStatus.SubfuncUnsupported);
        ulong shared = sharedBit(vcpu.Vm);
        ulong leaf = registers[Register.R11];
        if (leaf == GhciCalls.MapGpa.Number) return EncodeMapGpa(ref registers, exit, shared);
        switch ((KvmTdxExit)leaf)
        {
            case KvmTdxExit.GetTdVmCallInfo:
                return EncodeInfo(ref registers, exit);
            case KvmTdxExit.Tdcm:
                if ((registers[Register.R13] & shared) == 0) return Answer(ref registers, TdvmcallStatus.InvalidOperand);
                new KvmExitTdxTdcm
                {
                    Nr = leaf,
                    Ret = (ulong)TdvmcallStatus.SubfuncUnsupported,
                    DeviceId = registers[Register.R12],
                    Gpa = registers[Register.R13] & ~shared,
                    Size = registers[Register.R14],
                    Vector = registers[Register.R15],
                }.Write(exit);
                return KvmTdxConstants.KvmExitTdx;
            default:
                return Answer(ref registers, TdvmcallStatus.SubfuncUnsupported);
        }
    }

    public void Complete(IExitingVcpu vcpu, ref RegisterFile registers, ReadOnlySpan<byte> exit)
    {
        if (registers[Register.R11] == GhciCalls.MapGpa.Number)
        {
            bool done = KvmExitHypercall.TryRead(exit, out KvmExitHypercall call) && call.Ret == 0;
            Answer(ref registers, done ? TdvmcallStatus.Success : TdvmcallStatus.InvalidOperand);
            registers[Register.R11] = registers[Register.R12];
            return;
        }

        if (!KvmExitTdx.TryRead(exit, out KvmExitTdx answer)) return;
        registers[Register.R10] = answer.Ret;
        if ((KvmTdxExit)answer.Nr != KvmTdxExit.GetTdVmCallInfo || !KvmExitTdxGetTdvmcallInfo.TryRead(exit, out KvmExitTdxGetTdvmcallInfo info)) return;
        (registers[Register.R11], registers[Register.R12]) = (info.R11, info.R12);
        (registers[Register.R13], registers[Register.R14]) = (info.R13, info.R14);
    }

    private static uint? Answer(ref RegisterFile registers, TdvmcallStatus status)
    {
        registers[Register.R10] = (ulong)status;
        return null;
    }

    private static uint? EncodeInfo(ref RegisterFile registers, Span<byte> exit)
    {
        ulong leaf = registers[Register.R12];
        if (leaf > 1) return Answer(ref registers, TdvmcallStatus.InvalidOperand);
        if (leaf == 0)
        {
            for (Register r = Register.R11; r <= Register.R14; r++) registers[r] = 0;
            return Answer(ref registers, TdvmcallStatus.Success);
        }

        new KvmExitTdxGetTdvmcallInfo { Nr = registers[Register.R11], Ret = (ulong)TdvmcallStatus.SubfuncUnsupported, Leaf = leaf }.Write(exit);
        return KvmTdxConstants.KvmExitTdx;
    }

    private static uint? EncodeMapGpa(ref RegisterFile registers, Span<byte> exit, ulong shared)
    {
        ulong start = registers[Register.R12] & ~shared;
        ulong size = registers[Register.R13];
        if (start % PhysicalMemory.PageSize != 0 || size % PhysicalMemory.PageSize != 0) return Answer(ref registers, TdvmcallStatus.AlignError);
        if (size == 0 || start + size < start || start + size > shared) return Answer(ref registers, TdvmcallStatus.InvalidOperand);
        KvmExitHypercall call = new() { Nr = KvmHypercall.MapGpaRange };
        Span<ulong> arguments = call.Args;
        arguments[0] = start;
        arguments[1] = size / PhysicalMemory.PageSize;
        arguments[2] = (registers[Register.R12] & shared) == 0 ? (ulong)MapGpaRangeFlags.Encrypted : 0;
        call.Write(exit);
        return (uint)ExitReason.Hypercall;
    }
}
