namespace TeeIo.Tdx.Tests.Firmware;

/// <summary>How far a bench has come; each stage includes those before it.</summary>
internal enum Stage
{
    /// <summary>Configured, an IOMMU set up.</summary>
    Booted,

    /// <summary>A TD with a vCPU can run.</summary>
    Td,

    /// <summary>A session and a stream with keys.</summary>
    Connected,

    /// <summary>The TD owns a TDI and its MMIO.</summary>
    Owned,

    /// <summary>Locked, its report read.</summary>
    Locked,

    /// <summary>MMIO and DMA are there for the guest to accept.</summary>
    Offered,

    /// <summary>The guest has accepted both.</summary>
    Accepted,

    /// <summary>Running.</summary>
    Running,

    /// <summary>Stopped; nothing is unmapped.</summary>
    Stopped,

    /// <summary>MMIO and DMA are gone.</summary>
    Unmapped,

    /// <summary>The TD owns no TDI.</summary>
    Removed,

    /// <summary>Stream and session are gone.</summary>
    Disconnected,

    /// <summary>The TD is gone, too.</summary>
    Gone,
}
