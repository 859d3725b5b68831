using static TeeIo.Pci.Spdm.SpdmCapabilities;
using static TeeIo.Pci.Spdm.SpdmConnectionState;
using static TeeIo.Pci.Spdm.SpdmMessage;
using static TeeIo.Pci.Spdm.SpdmPlaces;

namespace TeeIo.Pci.Spdm;

/// <summary>When a request is in order. One table for both ends: a responder refuses what isn't, and a requester doesn't send it.</summary>
/// <param name="Request">The request.</param>
/// <param name="Since">The first version that has it.</param>
/// <param name="RequesterNeeds">What the requester must be able to do.</param>
/// <param name="ResponderNeeds">What the responder must be able to do.</param>
/// <param name="From">The first state of the connection in which it is in order.</param>
/// <param name="To">The last one.</param>
/// <param name="Places">Where it may stand.</param>
internal sealed record SpdmRequestRule(
    SpdmMessage Request, byte Since, SpdmCapabilities RequesterNeeds, SpdmCapabilities ResponderNeeds, SpdmConnectionState From, SpdmConnectionState To, SpdmPlaces Places)
{
    private const byte V10 = SpdmConstants.Version10;
    private const byte V11 = SpdmConstants.Version11;
    private const byte V12 = SpdmConstants.Version12;
    private const byte V13 = SpdmConstants.Version13;

    private static readonly SpdmRequestRule[] _all =
    [
        //  request              since  requester needs       responder needs       from               to                 places
        new(GetVersion,           V10, 0,                    0,                    NotStarted,        Authenticated,     Clear),
        new(GetCapabilities,      V10, 0,                    0,                    AfterVersion,      AfterVersion,      Clear),
        new(NegotiateAlgorithms,  V10, 0,                    0,                    AfterCapabilities, AfterCapabilities, Clear),
        new(GetDigests,           V10, 0,                    CertCap,              Negotiated,        Authenticated,     Clear | Session),
        new(GetCertificate,       V10, 0,                    CertCap,              Negotiated,        Authenticated,     Clear | Session),
        new(Challenge,            V10, 0,                    ChalCap,              Negotiated,        Authenticated,     Clear),
        new(GetMeasurements,      V10, 0,                    MeasCapSig,           Negotiated,        Authenticated,     Clear | Session),
        new(KeyExchange,          V11, KeyExCap | MacCap,    KeyExCap | MacCap,    Negotiated,        Authenticated,     Clear),
        new(Finish,               V11, KeyExCap | MacCap,    KeyExCap | MacCap,    Negotiated,        Authenticated,     Handshake),
        new(PskExchange,          V11, PskCap | MacCap,      MacCap,               Negotiated,        Authenticated,     Clear),
        new(PskFinish,            V11, PskCap | MacCap,      PskCapWithContext,    Negotiated,        Authenticated,     Handshake),
        new(Heartbeat,            V11, HbeatCap,             HbeatCap,             Negotiated,        Authenticated,     Session),
        new(KeyUpdate,            V11, KeyUpdCap,            KeyUpdCap,            Negotiated,        Authenticated,     Session),
        new(EndSession,           V11, 0,                    0,                    Negotiated,        Authenticated,     Session),
        new(VendorDefinedRequest, V10, 0,                    0,                    Negotiated,        Authenticated,     Session),
        new(GetEndpointInfo,      V13, 0,                    EpInfoCapSig,         Negotiated,        Authenticated,     Clear | Session),
        new(GetSupportedEventTypes, V13, 0,                  EventCap,             Negotiated,        Authenticated,     Session),
        new(SubscribeEventTypes,  V13, 0,                    EventCap,             Negotiated,        Authenticated,     Session),
        new(GetEncapsulatedRequest, V11, EncapCap,           EncapCap,             Negotiated,        Authenticated,     Clear | Handshake | Session),
        new(DeliverEncapsulatedResponse, V11, EncapCap,      EncapCap,             Negotiated,        Authenticated,     Clear | Handshake | Session),
        new(ChunkSend,            V12, ChunkCap,             ChunkCap,             AfterCapabilities, Authenticated,     Clear | Handshake | Session),
        new(ChunkGet,             V12, ChunkCap,             ChunkCap,             AfterCapabilities, Authenticated,     Clear | Handshake | Session),
        new(RespondIfReady,       V10, 0,                    0,                    AfterCapabilities, Authenticated,     Clear | Handshake | Session),
    ];

    private static readonly SpdmRequestRule?[] _byCode = [.. Enumerable.Range(0, byte.MaxValue + 1).Select(code => Array.Find(_all, rule => (byte)rule.Request == code))];

    /// <summary>The rule of a request; null where nobody here knows it.</summary>
    public static SpdmRequestRule? Find(SpdmMessage request) => _byCode[(byte)request];

    /// <summary>How a responder refuses the request, in the order in which it looks; null where it is in order. While no version is settled, versions are the handlers' affair.</summary>
    public SpdmErrorCode? Refusal(byte messageVersion, SpdmConnection connection, SpdmPlaces place)
    {
        bool isSettled = connection.State >= AfterCapabilities;
        if (isSettled && connection.Version < Since) return SpdmErrorCode.UnsupportedRequest;
        if (isSettled && messageVersion != connection.Version && Request != GetVersion) return SpdmErrorCode.VersionMismatch;
        if (isSettled && !connection.Has(RequesterNeeds, ResponderNeeds)) return SpdmErrorCode.UnsupportedRequest;
        if (connection.State < From || connection.State > To) return SpdmErrorCode.UnexpectedRequest;
        if ((Places & place) != 0) return null;
        if (place != Clear) return SpdmErrorCode.UnexpectedRequest;
        return connection.Version < SpdmConstants.Version12 ? SpdmErrorCode.Unspecified : SpdmErrorCode.SessionRequired;
    }
}
