namespace TeeIo.Cli.Spdm;

/// <summary>What a packet of a capture begins with.</summary>
internal enum PcapLinkType
{
    /// <summary>Known to the reader only.</summary>
    User0 = 147,

    /// <summary>A packet of MCTP.</summary>
    Mctp = 291,

    /// <summary>A data object of DOE.</summary>
    PciDoe = 292,
}
