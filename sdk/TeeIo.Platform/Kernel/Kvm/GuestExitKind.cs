namespace TeeIo.Platform.Kernel.Kvm;

/// <summary>Why a guest's task left the guest.</summary>
internal enum GuestExitKind
{
    /// <summary>A call with registers that the guest chose to show.</summary>
    Call,

    /// <summary>An access to a private page that isn't mapped.</summary>
    PrivateFault,

    /// <summary>An access to the shared side of memory that can't be resolved.</summary>
    SharedFault,

    /// <summary>An access where no slot is.</summary>
    Mmio,

    /// <summary>The guest's program has ended.</summary>
    Shutdown,
}
