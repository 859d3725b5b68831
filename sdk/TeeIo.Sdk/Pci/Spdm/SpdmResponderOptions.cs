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

    /// <summary>Says which requesters to trust. With it, a requester that can authenticate itself has to, before it gets a session.</summary>
    public ISpdmVerifier? RequesterVerifier { get; init; }

    /// <summary>Whether a requester that can't authenticate itself gets no session.</summary>
    public bool IsMutualRequired { get; init; }

    /// <summary>The device's class: a count and elements, as DMTF defines them. None if empty.</summary>
    public ReadOnlyMemory<byte> EndpointInfo { get; init; }

    /// <summary>Groups of events that it tells of, each in the form that DMTF gives it. No events if there are none.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> EventGroups { get; init; } = [];

    internal SpdmCapabilities Capabilities =>
        SpdmCapabilities.CertCap | SpdmCapabilities.ChalCap | SpdmCapabilities.MeasCapSig | SpdmCapabilities.MeasFreshCap | SpdmCapabilities.MacCap | SpdmCapabilities.KeyExCap
        | SpdmCapabilities.KeyUpdCap | (IsAuthenticatingOnly ? 0 : SpdmCapabilities.EncryptCap) | (HasPieces ? SpdmCapabilities.ChunkCap : 0) | (HeartbeatPeriod > 0 ? SpdmCapabilities.HbeatCap : 0)
        | SpdmCapabilities.EncapCap | (RequesterVerifier is null ? 0 : SpdmCapabilities.MutAuthCap)
        | (EndpointInfo.IsEmpty ? 0 : SpdmCapabilities.EpInfoCapSig) | (EventGroups.Count == 0 ? 0 : SpdmCapabilities.EventCap)
        | (PreSharedKeys.Count == 0 ? 0 : HasPreSharedContext ? SpdmCapabilities.PskCapWithContext : SpdmCapabilities.PskCap);
}
