using System.Buffers;

namespace TeeIo.Pci.Spdm;

/// <content>The responder's requests, which this end has to come for.</content>
public sealed partial class SpdmRequester
{
    /// <summary>Requests of the responder in a row: more than the longest chain takes in the smallest portions.</summary>
    private const int MostRequests = 4096;

    private readonly SpdmWriter _own = new();

    /// <summary>What the responder has asked of this end's certificates, and the answers.</summary>
    private readonly ArrayBufferWriter<byte> _told = new();
    private byte _ownSlot;
    private SpdmSlots? _slots;

    /// <summary>Events that the responder has told of and nobody has taken yet.</summary>
    public Queue<SpdmEvent> Events { get; } = new();

    /// <summary>Asks the session's responder whether it has requests, and answers them.</summary>
    /// <exception cref="InvalidOperationException">No session is up.</exception>
    public IEnumerable<byte[]> ServeRequests(DeviceExchange exchange)
    {
        RequireSession();
        return Serve(exchange, isImplicit: false);
    }

    /// <param name="exchange">The relay.</param>
    /// <param name="isImplicit">Whether the first request goes without saying: for the digests.</param>
    private IEnumerable<byte[]> Serve(DeviceExchange exchange, bool isImplicit)
    {
        byte id = 0;
        byte[] inside = [_connection.Version, (byte)SpdmMessage.GetDigests, 0, 0];
        if (!isImplicit)
        {
            _request.Begin(_connection.Version, SpdmMessage.GetEncapsulatedRequest);
            foreach (byte[] packet in Ask(exchange)) yield return packet;
            if (exchange.HasFailed) yield break;
            (id, inside) = ReadInside();
        }

        for (int served = 0; inside.Length > 0; served++)
        {
            if (served == MostRequests)
            {
                exchange.Fail(DeviceFailure.BadSpdm, "the responder doesn't come to an end with its requests");
                yield break;
            }

            AnswerInside(inside);
            SpdmEncapsulation.Write(_request, _connection.Version, SpdmMessage.DeliverEncapsulatedResponse, id, _own.Written);
            foreach (byte[] packet in Ask(exchange)) yield return packet;
            if (exchange.HasFailed) yield break;
            (id, inside) = ReadInside();
        }
    }

    private (byte Id, byte[] Inside) ReadInside()
    {
        bool isRead = SpdmEncapsulation.TryRead(_response.Span, _connection.Version, out SpdmHeader header, out ReadOnlySpan<byte> inside);
        bool isRequest = header.Code == SpdmMessage.EncapsulatedRequest || (EncapsulatedPayload)header.Param2 == EncapsulatedPayload.Present;
        if ((EncapsulatedPayload)header.Param2 == EncapsulatedPayload.SlotNumber && inside.Length > 0) _ownSlot = inside[0];
        return isRead && isRequest ? (header.Param1, inside.ToArray()) : ((byte)0, []);
    }

    private void AnswerInside(ReadOnlySpan<byte> request)
    {
        SpdmErrorCode? refusal = SpdmErrorCode.InvalidRequest;
        if (SpdmHeader.TryRead(request, out SpdmHeader header)) refusal = header.Version == _connection.Version ? AnswerInside(header, request) : SpdmErrorCode.VersionMismatch;
        if (refusal is { } code) _own.Begin(_connection.Version, SpdmMessage.Error, (int)code, code == SpdmErrorCode.UnsupportedRequest ? (int)header.Code : 0);
    }

    private SpdmErrorCode? AnswerInside(SpdmHeader header, ReadOnlySpan<byte> request)
    {
        switch (header.Code)
        {
            case SpdmMessage.GetDigests when _slots is { Mask: > 0 }:
                _slots.WriteDigests(_own, _connection.Version);
                _told.ResetWrittenCount();
                RememberTold(request);
                return null;
            case SpdmMessage.GetCertificate when _slots is not null:
                int room = Math.Min(_connection.PeerTransferSize, _options.DataTransferSize) - SpdmCertificate.ByteSize - SpdmEncapsulated.ByteSize;
                SpdmErrorCode? refusal = _slots.WriteCertificate(_own, _connection.Version, request, room);
                if (refusal is null) RememberTold(request);
                return refusal;
            case SpdmMessage.Challenge when _slots is not null:
                return AnswerChallenge(header, request);
            case SpdmMessage.KeyUpdate when IsUp && request.Length == SpdmHeader.ByteSize:
                return UpdateIncoming(header);
            case SpdmMessage.SendEvent when IsUp:
                if (!SpdmEvent.TryReadAll(request, out List<SpdmEvent> events)) return SpdmErrorCode.InvalidRequest;
                foreach (SpdmEvent happened in events) Events.Enqueue(happened);
                _own.Begin(_connection.Version, SpdmMessage.EventAck);
                return null;
            default:
                return SpdmErrorCode.UnsupportedRequest;
        }
    }

    private void RememberTold(ReadOnlySpan<byte> request)
    {
        _told.Write(request);
        _told.Write(_own.Written);
    }

    /// <summary>Proves that this end has the key of a chain, to a responder that asks for that outside of a session.</summary>
    private SpdmErrorCode? AnswerChallenge(SpdmHeader header, ReadOnlySpan<byte> request)
    {
        SpdmSuite suite = _connection.Suite;
        SpdmReader reader = new(request);
        ReadOnlySpan<byte> context = default;
        ReadOnlySpan<byte> chain = _slots!.Chain(header.Param1);
        if (chain.IsEmpty || header.Param2 != (byte)SummaryType.None || !reader.TrySkip(SpdmChallenge.ByteSize)) return SpdmErrorCode.InvalidRequest;
        if (suite.Version >= SpdmConstants.Version13 && !reader.TryTake(SpdmConstants.ContextSize, out context)) return SpdmErrorCode.InvalidRequest;
        _own.Begin(suite.Version, SpdmMessage.ChallengeAuth, header.Param1, _slots.Mask).Write(suite.Hash.Digest(chain)).WriteRandom(_random, SpdmConstants.NonceSize);
        _own.WriteUInt16(0).Write(context);
        ReadOnlySpan<byte> connection = suite.Version < SpdmConstants.Version12 ? default : _connection.Transcript.Connection.WrittenSpan;
        byte[] digest = suite.Hash.Digest([.. connection, .. _told.WrittenSpan, .. reader.Past, .. _own.Written]);
        _own.Write(_slots.Key(header.Param1).Sign(new SpdmStatement(suite.Version, suite.Hash, SpdmStatement.RequesterChallenge, digest)));
        return null;
    }

    /// <summary>The responder changes the keys of what it sends.</summary>
    private SpdmErrorCode? UpdateIncoming(SpdmHeader header)
    {
        switch ((KeyUpdateOperation)header.Param1)
        {
            case KeyUpdateOperation.UpdateKey when !_session!.IsUpdating:
                _session.UpdateIncoming();
                break;
            case KeyUpdateOperation.VerifyNewKey when _session!.IsUpdating:
                _session.ConfirmIncoming();
                break;
            default:
                return SpdmErrorCode.InvalidRequest;
        }

        _own.Begin(_connection.Version, SpdmMessage.KeyUpdateAck, header.Param1, header.Param2);
        return null;
    }
}
