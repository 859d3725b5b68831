namespace TeeIo.Pci.Spdm;

/// <summary>What a responder says of itself.</summary>
public sealed record SpdmResponderOptions : SpdmEndOptions
{
    /// <summary>The most bytes that it puts into a portion of its certificate chain where messages don't go in pieces.</summary>
    public int CertificatePortion { get; init; } = 1024;

    /// <summary>Seconds of its sessions' heartbeat period, below 256; 0 for none.</summary>
    public byte HeartbeatPeriod { get; init; }

    /// <summary>How many sessions it has at a time.</summary>
    public int Sessions { get; init; } = 1;

    /// <summary>Whether a request is answered at once; where not, the requester is told to ask again, and then the same is decided anew. All are, if not said otherwise.</summary>
    public Func<SpdmMessage, bool>? IsReady { get; init; }

    /// <summary>How long a requester waits before it asks again: 2 to the power of this, in microseconds.</summary>
    public byte DelayExponent { get; init; } = 10;

    /// <summary>Keys that requesters have, too, for sessions without certificates; none if not said otherwise.</summary>
    public IReadOnlyList<SpdmPreSharedKey> PreSharedKeys { get; init; } = [];

    /// <summary>Whether sessions from such keys have something of this end in them, so that each has other keys.</summary>
    public bool HasPreSharedContext { get; init; } = true;

    internal SpdmCapabilities Capabilities =>
        SpdmCapabilities.CertCap | SpdmCapabilities.ChalCap | SpdmCapabilities.MeasCapSig | SpdmCapabilities.MeasFreshCap | SpdmCapabilities.MacCap | SpdmCapabilities.KeyExCap
        | SpdmCapabilities.KeyUpdCap | (IsAuthenticatingOnly ? 0 : SpdmCapabilities.EncryptCap) | (HasPieces ? SpdmCapabilities.ChunkCap : 0) | (HeartbeatPeriod > 0 ? SpdmCapabilities.HbeatCap : 0)
        | (PreSharedKeys.Count == 0 ? 0 : HasPreSharedContext ? SpdmCapabilities.PskCapWithContext : SpdmCapabilities.PskCap);
}
