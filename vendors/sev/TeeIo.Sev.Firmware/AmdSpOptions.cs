namespace TeeIo.Sev.Firmware;

/// <summary>What the secure processor of this machine looks like. Sizes differ between real firmwares; these are ours. All are in bytes.</summary>
public sealed record AmdSpOptions
{
    /// <summary>Highest ASID of an SNP guest; the lowest is 1. Each ASID is a memory key.</summary>
    public uint MaxAsid { get; init; } = 15;

    /// <summary>The bit of a host's address that asks for encryption. The firmware doesn't look at it.</summary>
    public int CBit { get; init; } = 51;

    /// <summary>Least size of a request buffer.</summary>
    public int RequestSizeMin { get; init; } = 0x1000;

    /// <summary>Size of a request buffer that TIO_STATUS recommends. Linux makes the response buffer as large, and a device's largest message must fit.</summary>
    public int RequestSizeMax { get; init; } = 0x2000;

    /// <summary>Least size of scratch memory.</summary>
    public int ScratchSizeMin { get; init; } = 0x1000;

    /// <summary>Size of scratch memory that TIO_STATUS recommends.</summary>
    public int ScratchSizeMax { get; init; } = 0x2000;

    /// <summary>Scratch memory that TIO_DEV_CONNECT needs: more than is recommended, so that each host meets EXPAND_BUFFER_LENGTH_REQUEST.</summary>
    public int ConnectScratchSize { get; init; } = 0x3000;

    /// <summary>Least size of an output buffer.</summary>
    public int OutputSizeMin { get; init; } = 0x1000;

    /// <summary>Size of an output buffer that TIO_STATUS recommends.</summary>
    public int OutputSizeMax { get; init; } = 0x2000;

    /// <summary>Least size of a response buffer.</summary>
    public int ResponseSizeMin { get; init; } = 0x1000;

    /// <summary>Size of a response buffer that TIO_STATUS recommends.</summary>
    public int ResponseSizeMax { get; init; } = 0x2000;

    /// <summary>Size of a device's context.</summary>
    public int DeviceContextSize { get; init; } = 0x2000;

    /// <summary>Size of a TDI's context.</summary>
    public int TdiContextSize { get; init; } = 0x1000;

    /// <summary>Whether SNP_DF_FLUSH insists on <see cref="AmdSp.WriteBackCaches"/> before it.</summary>
    public bool NeedsWriteBack { get; init; } = true;
}
