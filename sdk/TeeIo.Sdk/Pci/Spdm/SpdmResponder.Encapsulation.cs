namespace TeeIo.Pci.Spdm;

/// <content>Requests of the responder to its requester, who has to come for them.</content>
public sealed partial class SpdmResponder
{
    private readonly SpdmWriter _inside = new();

    /// <summary>Whether the requester of a session has authenticated itself.</summary>
    public bool IsRequesterAuthentic(uint sessionId) => Find(sessionId) is { Keys.IsEstablished: true, Mutual.Peer: not null };

    /// <summary>Has the keys of what this end sends in a session changed, once the requester asks whether there is anything.</summary>
    /// <returns>False where there is no such session, the requester doesn't take requests, or another one waits.</returns>
    public bool TryUpdateKeys(uint sessionId) => TryBegin(sessionId, session => new SpdmKeyUpdateFlow(session.Keys));

    /// <summary>Tells the requester of events, once it asks whether there is anything.</summary>
    /// <returns>False where there is no such session, its requester hasn't subscribed, or another request waits.</returns>
    public bool TrySendEvents(uint sessionId, IReadOnlyList<SpdmEvent> events)
    {
        ArgumentNullException.ThrowIfNull(events);
        return Find(sessionId) is { IsSubscribed: true } && events.Count > 0 && TryBegin(sessionId, _ => new SpdmEventFlow(events));
    }

    private bool TryBegin(uint sessionId, Func<SpdmResponderSession, ISpdmFlow> create)
    {
        if (!_connection.Has(SpdmCapabilities.EncapCap, SpdmCapabilities.EncapCap) || Find(sessionId) is not { Keys.IsEstablished: true, Flow: null } session) return false;
        session.Flow = create(session);
        return true;
    }

    private SpdmErrorCode? OnGetEncapsulated(SpdmResponderSession? session)
    {
        if (session?.Flow is not { } flow || !flow.TryWrite(_inside, _connection.Version)) return NothingPending;
        SpdmEncapsulation.Write(_answer, _connection.Version, SpdmMessage.EncapsulatedRequest, session.NextFlowId(), _inside.Written);
        return null;
    }

    private SpdmErrorCode? OnDeliver(SpdmHeader header, ReadOnlySpan<byte> request, SpdmResponderSession? session)
    {
        if (session?.Flow is not { } flow) return NothingPending;
        if (header.Param1 != session.FlowId || !SpdmEncapsulation.TryRead(request, _connection.Version, out _, out ReadOnlySpan<byte> inside)) return SpdmErrorCode.InvalidRequest;
        bool isVersion = SpdmHeader.TryRead(inside, out SpdmHeader inner) && inner.Version == _connection.Version;
        if (!isVersion || !flow.TryTake(inside))
        {
            // Whoever can't say who it is gets no session.
            session.IsBroken = flow.IsExclusive;
            session.Flow = null;
            return SpdmErrorCode.InvalidResponseCode;
        }

        byte acknowledged = session.FlowId;
        bool hasNext = flow.TryWrite(_inside, _connection.Version);
        if (!hasNext) session.Flow = null;
        SpdmEncapsulation.WriteAcknowledgement(_answer, _connection.Version, acknowledged, hasNext ? session.NextFlowId() : (byte)0, hasNext ? _inside.Written : default);
        return null;
    }

    private SpdmErrorCode NothingPending => _connection.Version < SpdmConstants.Version13 ? SpdmErrorCode.UnexpectedRequest : SpdmErrorCode.NoPendingRequests;

    /// <summary>Begins to ask who the requester is, if it has to say so.</summary>
    private SpdmMutualFlow? CreateMutualFlow()
    {
        if (!IsMutual) return null;
        SpdmSuite suite = _connection.Suite;
        int most = Math.Min(TransferSize, ushort.MaxValue) - SpdmCertificate.ByteSize - SpdmEncapsulatedResponseAck.ByteSize;
        SpdmChainReader reader = new(slot: 0, suite.Hash, most);
        return new SpdmMutualFlow(reader, chain => _options.RequesterVerifier!.Trust(chain, suite.Hash, suite.RequesterSignature!, out _));
    }

    private bool IsMutual => _options.RequesterVerifier is not null && _connection.Has(SpdmCapabilities.MutAuthCap | SpdmCapabilities.EncapCap, SpdmCapabilities.MutAuthCap) && _connection.Suite.RequesterSignature is not null;
}
