using System.Buffers;
using System.Buffers.Binary;

namespace TeeIo.Pci.Spdm;

/// <summary>The responder's end of an SPDM connection: a packet of the transport in, the answer out. It knows no transport and no clock but what it is given.</summary>
/// <remarks>A record that isn't the next one or isn't authentic ends its session, without an answer: an attacker learns nothing. GET_VERSION begins anew and ends all sessions.
/// The steady state of a session, which is protocol messages and heartbeats, allocates nothing.</remarks>
public sealed partial class SpdmResponder : IDisposable
{
    private readonly ISpdmIdentity _identity;
    private readonly ISpdmProtocols _protocols;
    private readonly Random _random;
    private readonly SpdmResponderOptions _options;
    private readonly TimeProvider? _clock;
    private readonly SpdmConnection _connection = new();
    private readonly SpdmWriter _answer = new();
    private readonly ArrayBufferWriter<byte> _measured = new();
    private readonly SpdmResponderSession?[] _sessions;
    private readonly SpdmTransfers _transfers = new();
    private byte[] _text = [];

    /// <summary>The session that was begun last.</summary>
    private SpdmResponderSession? _begun;

    /// <summary>The request that was answered last, and not refused; also one that has come in pieces.</summary>
    private SpdmMessage _served;
    private SpdmSlots _slots = null!; // since the algorithms are settled

    /// <summary>A responder that nobody has spoken to yet.</summary>
    /// <param name="identity">Certificates, measurements and keys.</param>
    /// <param name="protocols">What is served inside sessions.</param>
    /// <param name="random">Where keys and nonces come from. Whether that is good enough for secrets is its owner's affair.</param>
    /// <param name="options">What it says of itself.</param>
    /// <param name="clock">Tells when a session has been silent for two heartbeat periods, and is over; without it, none ever is.</param>
    public SpdmResponder(ISpdmIdentity identity, ISpdmProtocols protocols, Random random, SpdmResponderOptions options, TimeProvider? clock = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_identity, _protocols, _random, _options, _clock) = (identity, protocols, random, options, clock);
        _sessions = new SpdmResponderSession[options.Sessions];
    }

    /// <summary>How far the connection has come.</summary>
    public SpdmConnectionState State => _connection.State;

    /// <summary>What both ends have settled on; null before that.</summary>
    public SpdmSuite? Suite => State < SpdmConnectionState.Negotiated ? null : _connection.Suite;

    /// <summary>Whether a session is established.</summary>
    public bool HasSession
    {
        get
        {
            foreach (SpdmResponderSession? session in _sessions)
            {
                if (session is { Keys.IsEstablished: true }) return true;
            }

            return false;
        }
    }

    /// <summary>Bytes of the largest packet that it answers with.</summary>
    public int MaxPacketSize =>
        _options.Binding.PacketSize(SpdmRecordSequenced.ByteSize + sizeof(ushort) + _options.Binding.InnerSize + _options.Binding.MaxRandom + SpdmConstants.TagSize + _options.DataTransferSize);

    /// <summary>Answers a packet of the transport.</summary>
    /// <param name="packet">The packet.</param>
    /// <param name="response">Receives the answer; has room for <see cref="MaxPacketSize"/>.</param>
    /// <returns>Bytes of the answer; 0 where there is none.</returns>
    public int Answer(ReadOnlySpan<byte> packet, Span<byte> response)
    {
        if (response.Length < MaxPacketSize) throw new ArgumentException($"An answer has up to {MaxPacketSize} bytes, and there is room for {response.Length}; pass a larger span.", nameof(response));
        if (!_options.Binding.TryUnwrap(packet, out bool isSecured, out ReadOnlySpan<byte> content)) return 0;
        Span<byte> destination = response[_options.Binding.HeaderSize..];
        int length = isSecured ? AnswerRecord(content, destination) : AnswerClear(content, destination);
        return length == 0 ? 0 : _options.Binding.Wrap(response, length, isSecured);
    }

    /// <summary>Answers a packet of the transport.</summary>
    /// <returns>The answer; empty where there is none.</returns>
    public byte[] Answer(ReadOnlySpan<byte> packet)
    {
        byte[] response = new byte[MaxPacketSize];
        return response[..Answer(packet, response)];
    }

    /// <summary>Forgets connection and sessions.</summary>
    public void Reset()
    {
        _connection.Reset();
        _measured.ResetWrittenCount();
        _transfers.Clear();
        for (int i = 0; i < _sessions.Length; i++) End(_sessions[i]);
    }

    /// <inheritdoc/>
    public void Dispose() => Reset();

    private void End(SpdmResponderSession? session)
    {
        int index = Array.IndexOf(_sessions, session);
        if (session is null || index < 0) return;
        session.Keys.End();
        _sessions[index] = null;
        _protocols.SessionEnded(session.Keys.Id);
    }

    private int AnswerClear(ReadOnlySpan<byte> message, Span<byte> destination)
    {
        Serve(message, session: null);
        _answer.Written.CopyTo(destination);
        return _answer.Length;
    }

    private int AnswerRecord(ReadOnlySpan<byte> record, Span<byte> destination)
    {
        if (record.Length < sizeof(uint) || Find(BinaryPrimitives.ReadUInt32LittleEndian(record)) is not { } session) return 0;
        if (_text.Length < record.Length) _text = new byte[2 * record.Length];
        if (IsSilent(session) || !session.Keys.TryOpen(record, _text, out ReadOnlySpan<byte> message))
        {
            End(session);
            return 0;
        }

        session.LastSeen = Now;
        _served = default;
        Serve(message, session);

        // A device that is reset or pulled out while it answers has no session any more to answer in.
        if (session.Keys.IsDead) return 0;
        int length = session.Keys.Seal(_answer.Written, destination);
        if (_served is SpdmMessage.Finish or SpdmMessage.PskFinish) session.Keys.Establish(session.Handshake.Digest);
        if (_served == SpdmMessage.EndSession || session.IsBroken) End(session);
        return length;
    }

    private SpdmResponderSession? Find(uint id)
    {
        foreach (SpdmResponderSession? session in _sessions)
        {
            if (session?.Keys.Id == id) return session;
        }

        return null;
    }

    private long Now => _clock?.GetTimestamp() ?? 0;

    private bool IsSilent(SpdmResponderSession session) =>
        _clock is not null && _options.HeartbeatPeriod > 0 && session.Keys.IsEstablished && _clock.GetElapsedTime(session.LastSeen) > 2 * TimeSpan.FromSeconds(_options.HeartbeatPeriod);

    /// <summary>Writes the answer to a message.</summary>
    private void Serve(ReadOnlySpan<byte> message, SpdmResponderSession? session)
    {
        _options.Tap?.Message(isRequest: true, session?.Keys.Id ?? 0, message);
        Respond(message, session);
        _options.Tap?.Message(isRequest: false, session?.Keys.Id ?? 0, _answer.Written);
    }

    private void Respond(ReadOnlySpan<byte> message, SpdmResponderSession? session)
    {
        SpdmTransfers transfers = session?.Transfers ?? _transfers;
        SpdmErrorCode? refusal = SpdmHeader.TryRead(message, out SpdmHeader header) ? Refusal(header, session, transfers) : SpdmErrorCode.InvalidRequest;
        if (refusal is null && header.Code == SpdmMessage.RespondIfReady)
        {
            RespondDeferred(header, session, transfers);
            return;
        }

        if (refusal is null && Defers(header, message, transfers)) return;
        refusal ??= Dispatch(header, message, session);
        if (refusal is null && IsTooLarge(header))
        {
            if (CanSplit)
            {
                transfers.BeginOutgoing(_answer.Written);
                _answer.Begin(_connection.Version, SpdmMessage.Error, (int)SpdmErrorCode.LargeResponse).Write([transfers.OutgoingHandle]);
                return;
            }

            refusal = TooLarge(header);
        }

        if (header.Code is not (SpdmMessage.GetMeasurements or SpdmMessage.ChunkGet or SpdmMessage.ChunkSend) || refusal is not null) (session?.Measured ?? _measured).ResetWrittenCount();
        if (refusal is { } code) Refuse(header, code);
        else if (header.Code != SpdmMessage.ChunkSend) _served = header.Code;
    }

    private void Refuse(SpdmHeader header, SpdmErrorCode code)
    {
        if (code == SpdmErrorCode.ResponseTooLarge)
        {
            int size = _answer.Length;
            BinaryPrimitives.WriteInt32LittleEndian(_answer.Begin(_connection.Version, SpdmMessage.Error, (int)code).Take(sizeof(int)), size);
            return;
        }

        // Nothing is settled with whoever begins with another version.
        int version = header.Code == SpdmMessage.GetVersion && header.Version != SpdmConstants.Version10 ? SpdmConstants.Version10 : _connection.Version;
        _answer.Begin((byte)version, SpdmMessage.Error, (int)code, code == SpdmErrorCode.UnsupportedRequest ? (int)header.Code : 0);
    }

    private SpdmErrorCode? Refusal(SpdmHeader header, SpdmResponderSession? session, SpdmTransfers transfers)
    {
        if (SpdmRequestRule.Find(header.Code) is not { } rule) return SpdmErrorCode.UnsupportedRequest;
        if (rule.Refusal(header.Version, _connection, session?.Place ?? SpdmPlaces.Clear) is { } refusal) return refusal;
        bool isPiece = header.Code is SpdmMessage.ChunkSend or SpdmMessage.ChunkGet or SpdmMessage.GetVersion;
        bool isAwaited = isPiece || header.Code is SpdmMessage.GetEncapsulatedRequest or SpdmMessage.DeliverEncapsulatedResponse or SpdmMessage.RespondIfReady;
        if (session?.Flow is { IsExclusive: true } && !isAwaited) return SpdmErrorCode.RequestInFlight;
        return transfers.IsBusy && !isPiece ? SpdmErrorCode.UnexpectedRequest : null;
    }

    private SpdmErrorCode? Dispatch(SpdmHeader header, ReadOnlySpan<byte> message, SpdmResponderSession? session)
    {
        switch (header.Code)
        {
            case SpdmMessage.GetVersion: return OnVersion(header, message);
            case SpdmMessage.GetCapabilities: return OnCapabilities(header, message);
            case SpdmMessage.NegotiateAlgorithms: return OnAlgorithms(message);
            case SpdmMessage.GetDigests: return OnDigests(message, session);
            case SpdmMessage.GetCertificate: return OnCertificate(message, session);
            case SpdmMessage.Challenge: return OnChallenge(header, message);
            case SpdmMessage.GetMeasurements: return OnMeasurements(header, message, session);
            case SpdmMessage.KeyExchange: return OnKeyExchange(header, message);
            case SpdmMessage.VendorDefinedRequest: return OnVendorDefined(message, session!);
            case SpdmMessage.GetEncapsulatedRequest: return OnGetEncapsulated(session);
            case SpdmMessage.DeliverEncapsulatedResponse: return OnDeliver(header, message, session);
            case SpdmMessage.GetEndpointInfo: return OnEndpointInfo(header, message);
            case SpdmMessage.GetSupportedEventTypes: return OnEventTypes();
            case SpdmMessage.SubscribeEventTypes: return OnSubscribe(header, message, session!);
            case SpdmMessage.PskExchange: return OnPskExchange(header, message);
            case SpdmMessage.PskFinish: return OnPskFinish(message, session!);
            case SpdmMessage.Finish: return OnFinish(header, message, session!);
            case SpdmMessage.KeyUpdate: return OnKeyUpdate(header, message, session!);
            case SpdmMessage.Heartbeat: return OnHeartbeat(message);
            case SpdmMessage.ChunkSend: return OnChunkSend(message, session);
            case SpdmMessage.ChunkGet: return OnChunkGet(message, session);
            default: return OnEnd(message);
        }
    }

    /// <summary>Bytes of the largest message that goes in one piece.</summary>
    private int TransferSize => Math.Min(_connection.PeerTransferSize, _options.DataTransferSize);

    private bool CanSplit => _connection.HasPieces && _answer.Length <= _connection.PeerMessageSize;

    private bool IsTooLarge(SpdmHeader header) =>
        State >= SpdmConnectionState.AfterCapabilities && header.Code is not (SpdmMessage.GetVersion or SpdmMessage.ChunkGet or SpdmMessage.ChunkSend) && _answer.Length > TransferSize;

    private SpdmErrorCode TooLarge(SpdmHeader header)
    {
        // What was begun for an answer that can't be given ends here.
        if (header.Code is SpdmMessage.KeyExchange or SpdmMessage.PskExchange) End(_begun);
        return _connection.Version < SpdmConstants.Version12 ? SpdmErrorCode.Unspecified : SpdmErrorCode.ResponseTooLarge;
    }
}
