namespace TeeIo.Pci.Spdm;

/// <content>Sessions from a key that both ends had before.</content>
public sealed partial class SpdmResponder
{
    private SpdmErrorCode? OnPskExchange(SpdmHeader header, ReadOnlySpan<byte> request)
    {
        if (_options.PreSharedKeys.Count == 0) return SpdmErrorCode.UnsupportedRequest;
        SpdmReader reader = new(request);
        if (!SpdmPskExchange.TryRead(request, out SpdmPskExchange asked) || !reader.TrySkip(SpdmPskExchange.ByteSize) || !IsSummary(header.Param1)) return SpdmErrorCode.InvalidRequest;
        if (!reader.TryTake(asked.HintLength, out ReadOnlySpan<byte> hint) || !reader.TrySkip(asked.ContextLength) || !reader.TryTake(asked.OpaqueLength, out ReadOnlySpan<byte> opaque))
            return SpdmErrorCode.InvalidRequest;
        if (SpdmOpaque.Choose(opaque, _connection.Version) is not { } recordVersion || FindKey(hint) is not { } shared) return SpdmErrorCode.InvalidRequest;
        int index = Array.IndexOf(_sessions, null);
        if (index < 0) return SpdmErrorCode.SessionLimitExceeded;
        int contextLength = _options.HasPreSharedContext ? _connection.Suite.Hash.Size : 0;
        _answer.Begin();
        SpdmPskExchangeResponse head = new()
        {
            Header = new SpdmHeader { Version = _connection.Version, Code = SpdmMessage.PskExchangeRsp, Param1 = HeartbeatPeriod },
            SessionId = (ushort)(ushort.MaxValue - index),
            ContextLength = (ushort)contextLength,
            OpaqueLength = (ushort)SpdmOpaque.ChoiceLength(_connection.Version),
        };
        head.Write(_answer.Take(SpdmPskExchangeResponse.ByteSize));
        WriteSummary((SummaryType)header.Param1);
        _answer.WriteRandom(_random, contextLength);
        SpdmOpaque.WriteChoice(_answer, _connection.Version, recordVersion, isCounted: false);
        SpdmHandshake handshake = new(_connection, chain: default, reader.Past, _answer.Written);
        byte[] th1 = handshake.Digest;
        SpdmRecords records = new(_connection.Suite, _connection.IsEncrypted, _options.Binding, _random);
        SpdmSession keys = new(((uint)head.SessionId << 16) | asked.SessionId, isRequester: false, records, shared.Key.ToArray(), th1, isPreShared: true);
        byte[] proof = keys.ResponderVerifyData(th1);
        handshake.Add(proof);
        _answer.Write(proof);
        ForgetUnfinishedChallenge();
        _begun = _sessions[index] = new SpdmResponderSession(keys, handshake) { LastSeen = Now };

        // Without a context there is nothing that the requester would have to prove.
        if (!_options.HasPreSharedContext) keys.Establish(handshake.Digest);
        return null;
    }

    private SpdmPreSharedKey? FindKey(ReadOnlySpan<byte> hint)
    {
        foreach (SpdmPreSharedKey candidate in _options.PreSharedKeys)
        {
            if (candidate.Hint.Span.SequenceEqual(hint)) return candidate;
        }

        return null;
    }
}
