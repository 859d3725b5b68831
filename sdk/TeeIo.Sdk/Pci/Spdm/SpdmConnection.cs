namespace TeeIo.Pci.Spdm;

/// <summary>What one end knows of its connection: how far it has come, what was settled, and what was said so far.</summary>
internal sealed class SpdmConnection
{
    public SpdmConnectionState State { get; private set; }

    /// <summary>The negotiated version; 1.0 while there is none.</summary>
    public byte Version { get; private set; } = SpdmConstants.Version10;

    /// <summary>The algorithms, once they are negotiated.</summary>
    public SpdmSuite Suite { get; private set; } = null!;

    public SpdmCapabilities RequesterCapabilities { get; private set; }

    public SpdmCapabilities ResponderCapabilities { get; private set; }

    /// <summary>Bytes of the largest message that the other end takes in one piece.</summary>
    public int PeerTransferSize { get; private set; }

    /// <summary>Bytes of the largest message that it takes in pieces.</summary>
    public int PeerMessageSize { get; private set; }

    public SpdmTranscript Transcript { get; } = new();

    /// <summary>Whether records are encrypted.</summary>
    public bool IsEncrypted => Has(SpdmCapabilities.EncryptCap, SpdmCapabilities.EncryptCap);

    /// <summary>Whether sessions come from an exchange of keys.</summary>
    public bool ExchangesKeys => Has(SpdmCapabilities.KeyExCap, SpdmCapabilities.KeyExCap);

    /// <summary>Whether there are sessions from a key that both ends had before.</summary>
    public bool HasPreSharedKeys => Has(SpdmCapabilities.PskCap, 0) && (ResponderCapabilities & (SpdmCapabilities.PskCap | SpdmCapabilities.PskCapWithContext)) != 0;

    public bool HasSessions => ExchangesKeys || HasPreSharedKeys;

    /// <summary>Whether messages go in pieces.</summary>
    public bool HasPieces => Has(SpdmCapabilities.ChunkCap, SpdmCapabilities.ChunkCap);

    public bool Has(SpdmCapabilities requester, SpdmCapabilities responder) =>
        (RequesterCapabilities & requester) == requester && (ResponderCapabilities & responder) == responder;

    public void Reset()
    {
        (State, Version) = (SpdmConnectionState.NotStarted, SpdmConstants.Version10);
        Transcript.Clear();
    }

    /// <summary>A responder has offered its versions; which one it is shows with the next request.</summary>
    public void OfferVersions() => State = SpdmConnectionState.AfterVersion;

    /// <summary>The requester has chosen a version; it may do so again until the capabilities are settled.</summary>
    public void ChooseVersion(byte version) => (State, Version) = (SpdmConnectionState.AfterVersion, version);

    public void SettleCapabilities(SpdmCapabilities requester, SpdmCapabilities responder, in SpdmCapabilitiesMessage peer)
    {
        (RequesterCapabilities, ResponderCapabilities) = (requester, responder);
        PeerTransferSize = (int)Math.Min(peer.DataTransferSize, int.MaxValue);
        PeerMessageSize = (int)Math.Min(peer.MaxMessageSize, int.MaxValue);
        State = SpdmConnectionState.AfterCapabilities;
    }

    public void SettleAlgorithms(SpdmSuite suite) => (State, Suite) = (SpdmConnectionState.Negotiated, suite);

    public void Authenticate() => State = SpdmConnectionState.Authenticated;
}
