using TeeIo.Boundaries;
using TeeIo.Linux.Kvm;
using TeeIo.Vmm;

namespace TeeIo.Platform.Hardware;

/// <summary>Every call goes to user space as a hypercall, its registers as the arguments.</summary>
public sealed class HypercallExitEncoder : IExitEncoder
{
    /// <summary>The encoder; it has no state.</summary>
    public static HypercallExitEncoder Instance { get; } = new();

    /// <inheritdoc/>
    public uint? Encode(IExitingVcpu vcpu, ref RegisterFile registers, Span<byte> exit)
    {
        HypercallExit.Write(in registers, exit);
        return (uint)ExitReason.Hypercall;
    }

    /// <inheritdoc/>
    public void Complete(IExitingVcpu vcpu, ref RegisterFile registers, ReadOnlySpan<byte> exit)
    {
        if (HypercallExit.TryReadAnswer(exit, out RegisterFile answer)) registers = answer;
    }
}
