using System.Security.Cryptography;

namespace TeeIo.Pci.Spdm;

/// <content>How a session begins, lives and ends.</content>
public sealed partial class SpdmRequester
{
    /// <summary>Begins a session: exchanges keys with the responder whose chain was read, and proves to each other that the keys are the same.</summary>
    public IEnumerable<byte[]> StartSession(DeviceExchange exchange)
    {
        ArgumentNullException.ThrowIfNull(exchange);
        if (_peer is null)
        {
            exchange.Fail(DeviceFailure.NotAuthentic, "nobody's certificates were read, so that nobody can be trusted with a session");
            yield break;
        }

        if (_connection.Suite.Group is not { } group)
        {
            exchange.Fail(DeviceFailure.BadSpdm, "the responder exchanges no keys");
            yield break;
        }

        using ECDiffieHellman key = group.CreateKey(_random, out byte[] ours);
        SpdmKeyExchange head = default;
        head.Header = new SpdmHeader { Version = _connection.Version, Code = SpdmMessage.KeyExchange, Param2 = _options.Slot };
        head.SessionId = ushort.MaxValue;
        _random.NextBytes(head.Random);
        _request.Begin();
        head.Write(_request.Take(SpdmKeyExchange.ByteSize));
        SpdmOpaque.WriteOffer(_request.Write(ours), _connection.Version);
        byte[] request = _request.Written.ToArray();
        foreach (byte[] packet in Ask(exchange)) yield return packet;
        if (exchange.HasFailed) yield break;
        if (TakeKeys(exchange, group, key, request) is not { } handshake)
        {
            Abandon();
            yield break;
        }

        if (_mutual is MutualAuthentication.Encapsulated or MutualAuthentication.ImplicitDigests)
        {
            foreach (byte[] packet in Serve(exchange, _mutual == MutualAuthentication.ImplicitDigests)) yield return packet;
            if (exchange.HasFailed) yield break;
        }

        foreach (byte[] packet in Finish(exchange, handshake, SpdmMessage.Finish)) yield return packet;
    }

    private MutualAuthentication _mutual;

    /// <summary>Proves that this end has the session's keys.</summary>
    private IEnumerable<byte[]> Finish(DeviceExchange exchange, SpdmHandshake handshake, SpdmMessage code)
    {
        bool isSigned = code == SpdmMessage.Finish && _mutual != MutualAuthentication.None;
        _request.Begin(_connection.Version, code, isSigned ? SpdmConstants.FinishSigned : 0, isSigned ? _ownSlot : 0);
        if (_connection.Version >= SpdmConstants.Version14) _request.WriteUInt16(0);
        if (isSigned) handshake.Add(_connection.Suite.Hash.Digest(_slots!.Chain(_ownSlot)));
        handshake.Add(_request.Written);
        if (isSigned)
        {
            byte[] signature = _slots!.Key(_ownSlot).Sign(new SpdmStatement(_connection.Version, _connection.Suite.Hash, SpdmStatement.Finish, handshake.Digest));
            handshake.Add(signature);
            _request.Write(signature);
        }

        byte[] proof = _session!.RequesterVerifyData(handshake.Digest);
        handshake.Add(proof);
        _request.Write(proof);
        foreach (byte[] packet in Ask(exchange)) yield return packet;
        if (exchange.HasFailed || TakeFinish(handshake)) yield break;
        exchange.Fail(DeviceFailure.BadSpdm, $"the answer to {code} is malformed");
        Abandon();
    }

    /// <inheritdoc/>
    public IEnumerable<byte[]> Heartbeat(DeviceExchange exchange) => AskInSession(exchange, SpdmMessage.Heartbeat);

    /// <inheritdoc/>
    public IEnumerable<byte[]> UpdateKeys(DeviceExchange exchange)
    {
        RequireSession();
        return ChangeKeys(exchange);
    }

    /// <inheritdoc/>
    public IEnumerable<byte[]> End(DeviceExchange exchange)
    {
        foreach (byte[] packet in AskInSession(exchange, SpdmMessage.EndSession)) yield return packet;
        if (!exchange.HasFailed) Abandon();
    }

    private IEnumerable<byte[]> ChangeKeys(DeviceExchange exchange)
    {
        _request.Begin(_connection.Version, SpdmMessage.KeyUpdate, (int)KeyUpdateOperation.UpdateAllKeys);
        byte[] request = _request.Written.ToArray();
        foreach (byte[] packet in Ask(exchange))
        {
            // The acknowledgement comes under the new keys already, a refusal under the old ones.
            if (_session is { IsUpdating: false }) _session.UpdateIncoming();
            yield return packet;
        }

        if (exchange.HasFailed) yield break;
        if (!IsEcho(request) || !_session!.IsUpdating)
        {
            exchange.Fail(DeviceFailure.BadSpdm, "KEY_UPDATE_ACK is malformed, or came under the old keys");
            yield break;
        }

        _session.ConfirmIncoming();
        _session.UpdateOutgoing();
        foreach (byte[] packet in AskInSession(exchange, SpdmMessage.KeyUpdate, (int)KeyUpdateOperation.VerifyNewKey)) yield return packet;
    }

    /// <summary>Sends a request that is a header only, and whose answer is one.</summary>
    private IEnumerable<byte[]> AskInSession(DeviceExchange exchange, SpdmMessage code, int param1 = 0)
    {
        RequireSession();
        _request.Begin(_connection.Version, code, param1);
        byte[] request = _request.Written.ToArray();
        foreach (byte[] packet in Ask(exchange)) yield return packet;
        if (!exchange.HasFailed && !IsEcho(request)) exchange.Fail(DeviceFailure.BadSpdm, $"the answer to {code} is malformed");
    }

    private void RequireSession() => _ = Session;

    private bool IsEcho(ReadOnlySpan<byte> request) =>
        _response.Length == SpdmHeader.ByteSize && _response.Span[2..].SequenceEqual(request[2..SpdmHeader.ByteSize]);

    private SpdmHandshake? TakeKeys(DeviceExchange exchange, SpdmGroup group, ECDiffieHellman key, ReadOnlySpan<byte> request)
    {
        SpdmSuite suite = _connection.Suite;
        SpdmReader reader = new(_response.Span);
        bool isRead = SpdmKeyExchangeResponse.TryRead(_response.Span, out SpdmKeyExchangeResponse answer) && reader.TrySkip(SpdmKeyExchangeResponse.ByteSize);
        if (!isRead || !reader.TryTake(group.ValueSize, out ReadOnlySpan<byte> theirs) || !reader.TryTakeCounted(out ReadOnlySpan<byte> opaque))
            return Refuse(exchange, DeviceFailure.BadSpdm, "KEY_EXCHANGE_RSP is malformed");
        if (answer.Mutual != MutualAuthentication.None && _slots is not { Mask: > 0 }) return Refuse(exchange, DeviceFailure.BadSpdm, "the responder wants this end to authenticate itself, and it has nothing to do that with");
        if (!SpdmOpaque.IsChoice(opaque, _connection.Version)) return Refuse(exchange, DeviceFailure.BadSpdm, "the responder chose a version of records that wasn't offered");
        SpdmHandshake handshake = new(_connection, Certificates.Span, request, reader.Past);
        int signatureAt = reader.Position;
        if (!IsSigned(ref reader, SpdmStatement.KeyExchange, handshake.Digest)) return Refuse(exchange, DeviceFailure.NotAuthentic, "the signature of the key exchange is wrong");
        handshake.Add(reader.Past[signatureAt..]);
        if (group.Agree(key, theirs) is not { } secret) return Refuse(exchange, DeviceFailure.NotAuthentic, "the responder's public value isn't a point of the curve");
        byte[] th1 = handshake.Digest;
        SpdmRecords records = new(suite, _connection.IsEncrypted, _options.Binding, _random);
        _session = new SpdmSession(((uint)answer.SessionId << 16) | ushort.MaxValue, isRequester: true, records, secret, th1);
        if (!reader.TryTake(suite.Hash.Size, out ReadOnlySpan<byte> proof) || !handshake.TryAddProof(proof, _session.ResponderVerifyData(th1)))
            return Refuse(exchange, DeviceFailure.NotAuthentic, "the responder's proof of the keys is wrong");
        (HeartbeatPeriod, _mutual, _ownSlot) = (answer.Header.Param1, answer.Mutual, (byte)(answer.Slot & SpdmConstants.SlotMask));
        return handshake;
    }

    private static SpdmHandshake? Refuse(DeviceExchange exchange, DeviceFailure failure, string detail)
    {
        exchange.Fail(failure, detail);
        return null;
    }

    private bool TakeFinish(SpdmHandshake handshake)
    {
        SpdmReader reader = new(_response.Span);
        reader.TrySkip(SpdmHeader.ByteSize);
        if (_connection.Version >= SpdmConstants.Version14 && !reader.TryTakeCounted(out _)) return false;
        if (!reader.Rest.IsEmpty) return false;
        handshake.Add(reader.Past);
        _session!.Establish(handshake.Digest);
        return true;
    }
}
