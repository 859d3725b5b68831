using TeeIo.Boundaries;
using TeeIo.Linux.Kvm;

namespace TeeIo.Platform.Kernel.Kvm;

/// <summary>One leaving of the guest, from the instruction that left to the one that goes on.</summary>
internal sealed class GuestExit(GuestExitKind kind)
{
    private RegisterFile _registers;
    private KvmExitMmio _mmio;

    public GuestExitKind Kind { get; } = kind;

    public ref RegisterFile Registers => ref _registers;

    public ref KvmExitMmio Mmio => ref _mmio;

    public ulong Gpa { get; init; }

    public bool IsWrite { get; init; }

    /// <summary>For private faults: whether the guest was accepting the page, not using it.</summary>
    public bool IsAcceptance { get; init; }

    /// <summary>Whether user space has seen it.</summary>
    public bool IsReported { get; set; }

    /// <summary>Whether the guest can go on.</summary>
    public bool IsDone { get; set; }

    /// <summary>For faults: whether the access can be tried again.</summary>
    public bool IsResolved { get; set; }
}
