namespace TeeIo.Sev.Tests.Firmware;

/// <summary>How far a bench has come; each stage includes those before it.</summary>
internal enum SpStage
{
    /// <summary>Nothing is initialised.</summary>
    Reset,

    /// <summary>SNP and TIO are initialised, and the buffers are there.</summary>
    Booted,

    /// <summary>A guest's context exists.</summary>
    Context,

    /// <summary>The guest's launch has begun, and it has its ASID.</summary>
    Launching,

    /// <summary>The guest can run; its secrets page and a page of memory are there.</summary>
    Guest,

    /// <summary>A device has a context.</summary>
    Device,

    /// <summary>Session and IDE keys are there.</summary>
    Connected,

    /// <summary>A TDI has a context.</summary>
    Tdi,

    /// <summary>It is bound and locked.</summary>
    Locked,

    /// <summary>It runs.</summary>
    Running,

    /// <summary>The guest has accepted its MMIO and enabled DMA.</summary>
    Accepted,

    /// <summary>It is unbound.</summary>
    Unbound,

    /// <summary>Its context is gone.</summary>
    Reclaimed,

    /// <summary>The device is disconnected.</summary>
    Disconnected,

    /// <summary>Its context is gone, too.</summary>
    Gone,

    /// <summary>So is the guest.</summary>
    GuestGone,
}
