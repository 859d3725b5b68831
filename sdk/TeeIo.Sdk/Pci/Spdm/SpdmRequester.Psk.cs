namespace TeeIo.Pci.Spdm;

/// <content>Sessions from a key that both ends had before.</content>
public sealed partial class SpdmRequester
{
    /// <summary>Whether there can be a session from a key that both ends had before: this end has one, and the responder has such sessions.</summary>
    public bool HasPreSharedKey => _options.PreSharedKey is not null && _connection.HasPreSharedKeys;

    /// <summary>Begins a session from <see cref="SpdmRequesterOptions.PreSharedKey"/>. Nobody's certificates matter.</summary>
    /// <exception cref="InvalidOperationException">There is no such key.</exception>
    public IEnumerable<byte[]> StartPreSharedSession(DeviceExchange exchange)
    {
        ArgumentNullException.ThrowIfNull(exchange);
        SpdmPreSharedKey shared = _options.PreSharedKey ?? throw new InvalidOperationException("No key is shared with the responder; give one with the options.");
        RequireNegotiated();
        return StartPreSharedSession(exchange, shared);
    }

    private IEnumerable<byte[]> StartPreSharedSession(DeviceExchange exchange, SpdmPreSharedKey shared)
    {
        if (!_connection.HasPreSharedKeys)
        {
            exchange.Fail(DeviceFailure.BadSpdm, "the responder has no sessions from keys that both ends had before");
            yield break;
        }

        int contextLength = _connection.Suite.Hash.Size;
        _request.Begin();
        new SpdmPskExchange
        {
            Header = new SpdmHeader { Version = _connection.Version, Code = SpdmMessage.PskExchange },
            SessionId = ushort.MaxValue,
            HintLength = (ushort)shared.Hint.Length,
            ContextLength = (ushort)contextLength,
            OpaqueLength = (ushort)SpdmOpaque.OfferLength(_connection.Version),
        }.Write(_request.Take(SpdmPskExchange.ByteSize));
        _request.Write(shared.Hint.Span).WriteRandom(_random, contextLength);
        SpdmOpaque.WriteOffer(_request, _connection.Version, isCounted: false);
        byte[] request = _request.Written.ToArray();
        foreach (byte[] packet in Ask(exchange)) yield return packet;
        if (exchange.HasFailed) yield break;
        if (TakePreSharedKeys(exchange, shared, request) is not { } handshake)
        {
            Abandon();
            yield break;
        }

        if (!_connection.Has(0, SpdmCapabilities.PskCapWithContext))
        {
            _session!.Establish(handshake.Digest);
            yield break;
        }

        foreach (byte[] packet in Finish(exchange, handshake, SpdmMessage.PskFinish)) yield return packet;
    }

    private SpdmHandshake? TakePreSharedKeys(DeviceExchange exchange, SpdmPreSharedKey shared, ReadOnlySpan<byte> request)
    {
        SpdmReader reader = new(_response.Span);
        bool isRead = SpdmPskExchangeResponse.TryRead(_response.Span, out SpdmPskExchangeResponse answer) && reader.TrySkip(SpdmPskExchangeResponse.ByteSize);
        if (!isRead || !reader.TrySkip(answer.ContextLength) || !reader.TryTake(answer.OpaqueLength, out ReadOnlySpan<byte> opaque))
            return Refuse(exchange, DeviceFailure.BadSpdm, "PSK_EXCHANGE_RSP is malformed");
        if (_connection.Has(0, SpdmCapabilities.PskCapWithContext) != answer.ContextLength > 0) return Refuse(exchange, DeviceFailure.BadSpdm, "the responder's context isn't as its capabilities say");
        if (!SpdmOpaque.IsChoice(opaque, _connection.Version)) return Refuse(exchange, DeviceFailure.BadSpdm, "the responder chose a version of records that wasn't offered");
        SpdmHandshake handshake = new(_connection, chain: default, request, reader.Past);
        byte[] th1 = handshake.Digest;
        SpdmRecords records = new(_connection.Suite, _connection.IsEncrypted, _options.Binding, _random);
        _session = new SpdmSession(((uint)answer.SessionId << 16) | ushort.MaxValue, isRequester: true, records, shared.Key.ToArray(), th1, isPreShared: true);
        if (!reader.TryTake(_connection.Suite.Hash.Size, out ReadOnlySpan<byte> proof) || !handshake.TryAddProof(proof, _session.ResponderVerifyData(th1)))
            return Refuse(exchange, DeviceFailure.NotAuthentic, "the responder's proof of the keys is wrong: it has another key, or the exchange was changed on its way");
        HeartbeatPeriod = answer.Header.Param1;
        return handshake;
    }
}
