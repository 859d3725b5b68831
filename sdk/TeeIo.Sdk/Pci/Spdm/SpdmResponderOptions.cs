namespace TeeIo.Pci.Spdm;

/// <summary>What a responder says of itself.</summary>
public sealed record SpdmResponderOptions : SpdmEndOptions
{
    /// <summary>The most bytes that it puts into a portion of its certificate chain.</summary>
    public int CertificatePortion { get; init; } = 1024;

    /// <summary>Seconds of its sessions' heartbeat period, below 256; 0 for none.</summary>
    public byte HeartbeatPeriod { get; init; }

    /// <summary>How many sessions it has at a time.</summary>
    public int Sessions { get; init; } = 1;

    internal SpdmCapabilities Capabilities =>
        SpdmCapabilities.CertCap | SpdmCapabilities.ChalCap | SpdmCapabilities.MeasCapSig | SpdmCapabilities.MeasFreshCap | SpdmCapabilities.MacCap | SpdmCapabilities.KeyExCap
        | SpdmCapabilities.KeyUpdCap | (IsAuthenticatingOnly ? 0 : SpdmCapabilities.EncryptCap) | (HeartbeatPeriod > 0 ? SpdmCapabilities.HbeatCap : 0);
}
