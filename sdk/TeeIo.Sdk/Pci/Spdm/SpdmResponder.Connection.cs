using System.Buffers;

namespace TeeIo.Pci.Spdm;

/// <content>What can be asked for outside of sessions.</content>
public sealed partial class SpdmResponder
{
    private SpdmErrorCode? OnVersion(SpdmHeader header, ReadOnlySpan<byte> request)
    {
        if (header.Version != SpdmConstants.Version10) return SpdmErrorCode.VersionMismatch;
        Reset();
        _answer.Begin();
        new SpdmVersion { Header = new SpdmHeader { Version = SpdmConstants.Version10, Code = SpdmMessage.Version }, EntryCount = (byte)_options.Versions.Count }.Write(_answer.Take(SpdmVersion.ByteSize));
        foreach (byte version in _options.Versions) _answer.WriteUInt16(version << 8);
        _connection.OfferVersions();
        Remember(request[..SpdmHeader.ByteSize]);
        return null;
    }

    private SpdmErrorCode? OnCapabilities(SpdmHeader header, ReadOnlySpan<byte> request)
    {
        if (!_options.Versions.Contains(header.Version)) return SpdmErrorCode.VersionMismatch;
        _connection.ChooseVersion(header.Version);
        if (SpdmNegotiation.ReadCapabilities(request, header.Version, out int length) is not { } asked) return SpdmErrorCode.InvalidRequest;
        SpdmCapabilities flags = asked.Flags & SpdmCapabilityRules.Of(header.Version, isRequester: true);
        if (!SpdmCapabilityRules.AreConsistent(flags, header.Version)) return SpdmErrorCode.InvalidRequest;
        bool wantsAlgorithms = header.Version >= SpdmConstants.Version13 && (header.Param1 & SpdmConstants.SupportedAlgorithmsRequested) != 0;
        if (wantsAlgorithms && !flags.HasFlag(SpdmCapabilities.ChunkCap)) return SpdmErrorCode.InvalidRequest;
        _connection.SettleCapabilities(flags, _options.Capabilities & SpdmCapabilityRules.Of(header.Version, isRequester: false), asked);
        SpdmNegotiation.WriteCapabilities(_answer, header.Version, SpdmMessage.Capabilities, _options.Capabilities, _options);
        Remember(request[..length]);
        return null;
    }

    private SpdmErrorCode? OnAlgorithms(ReadOnlySpan<byte> request)
    {
        SpdmAlgorithmSet willing = _options.Algorithms;
        willing = willing with { Signatures = willing.Signatures & _identity.Slots.Aggregate(default(BaseAsym), (set, slot) => set | slot.Key.Algorithm.Algorithm) };
        if (SpdmNegotiation.Choose(request, _connection, willing, _answer, out int length) is not { } suite) return SpdmErrorCode.InvalidRequest;
        _connection.SettleAlgorithms(suite);
        _slots = new SpdmSlots(_identity, suite.Signature, suite.Hash);
        Remember(request[..length]);
        return null;
    }

    private SpdmErrorCode? OnDigests(ReadOnlySpan<byte> request, SpdmResponderSession? session)
    {
        _slots.WriteDigests(_answer, _connection.Version);
        if (session is null)
        {
            _connection.Transcript.Certificates.ResetWrittenCount();
            RememberCertificates(request[..SpdmHeader.ByteSize]);
        }

        return null;
    }

    private SpdmErrorCode? OnCertificate(ReadOnlySpan<byte> request, SpdmResponderSession? session)
    {
        // Who takes pieces gets all that was asked for; libspdm's requester insists.
        int most = _connection.HasPieces ? Math.Min(_connection.PeerMessageSize, _options.MaxMessageSize) : Math.Min(TransferSize, _options.CertificatePortion + SpdmCertificate.ByteSize);
        SpdmErrorCode? refusal = _slots.WriteCertificate(_answer, _connection.Version, request, most - SpdmCertificate.ByteSize);
        if (refusal is null && session is null) RememberCertificates(request[..SpdmGetCertificate.ByteSize]);
        return refusal;
    }

    private SpdmErrorCode? OnChallenge(SpdmHeader header, ReadOnlySpan<byte> request)
    {
        ReadOnlySpan<byte> chain = _slots.Chain(header.Param1);
        SpdmReader reader = new(request);
        ReadOnlySpan<byte> context = default;
        if (chain.IsEmpty || !IsSummary(header.Param2) || !reader.TrySkip(SpdmChallenge.ByteSize)) return SpdmErrorCode.InvalidRequest;
        if (_connection.Version >= SpdmConstants.Version13 && !reader.TryTake(SpdmConstants.ContextSize, out context)) return SpdmErrorCode.InvalidRequest;
        _answer.Begin(_connection.Version, SpdmMessage.ChallengeAuth, header.Param1, _slots.Mask).Write(_connection.Suite.Hash.Digest(chain)).WriteRandom(_random, SpdmConstants.NonceSize);
        WriteSummary((SummaryType)header.Param2);
        _answer.WriteUInt16(0).Write(context);
        byte[] digest = _connection.Transcript.DigestOfChallenge(_connection.Suite.Hash, reader.Past, _answer.Written);
        Sign(header.Param1, SpdmStatement.Challenge, digest);
        _connection.Transcript.Certificates.ResetWrittenCount();
        _connection.Authenticate();
        return null;
    }

    private SpdmErrorCode? OnMeasurements(SpdmHeader header, ReadOnlySpan<byte> request, SpdmResponderSession? session)
    {
        var attributes = (MeasurementAttributes)header.Param1;
        bool isSigned = attributes.HasFlag(MeasurementAttributes.SignatureRequested);
        SpdmReader reader = new(request);
        reader.TrySkip(SpdmHeader.ByteSize);
        ReadOnlySpan<byte> slot = default;
        ReadOnlySpan<byte> context = default;
        if (isSigned && (!reader.TrySkip(SpdmConstants.NonceSize) || !reader.TryTake(1, out slot))) return SpdmErrorCode.InvalidRequest;
        if (_connection.Version >= SpdmConstants.Version13 && !reader.TryTake(SpdmConstants.ContextSize, out context)) return SpdmErrorCode.InvalidRequest;
        int number = isSigned ? slot[0] & SpdmConstants.SlotMask : 0;
        if (isSigned && _slots.Chain(number).IsEmpty) return SpdmErrorCode.InvalidRequest;
        IReadOnlyList<SpdmMeasurement> all = _identity.Measure();
        bool isRaw = _connection.Version >= SpdmConstants.Version12 && attributes.HasFlag(MeasurementAttributes.RawBitStreamRequested);
        List<byte[]> blocks = [];
        foreach (SpdmMeasurement measurement in all)
        {
            if (header.Param2 == SpdmConstants.AllMeasurements || header.Param2 == measurement.Index) blocks.Add(measurement.ToBlock(isRaw ? null : _connection.Suite.MeasurementHash));
        }

        if (header.Param2 != 0 && blocks.Count == 0) return SpdmErrorCode.InvalidRequest;
        int changed = isSigned && _connection.Version >= SpdmConstants.Version12 ? (int)ContentChanged.Unchanged : 0;
        _answer.Begin();
        new SpdmMeasurements
        {
            Header = new SpdmHeader
            {
                Version = _connection.Version,
                Code = SpdmMessage.Measurements,
                Param1 = header.Param2 == 0 ? (byte)all.Count : (byte)0,
                Param2 = (byte)(number | changed),
            },
            BlockCount = (uint)blocks.Count,
            RecordLength = (uint)blocks.Sum(block => block.Length),
        }.Write(_answer.Take(SpdmMeasurements.ByteSize));
        foreach (byte[] block in blocks) _answer.Write(block);
        _answer.WriteRandom(_random, SpdmConstants.NonceSize).WriteUInt16(0).Write(context);
        ArrayBufferWriter<byte> measured = session?.Measured ?? _measured;
        measured.Write(reader.Past);
        measured.Write(_answer.Written);
        if (!isSigned) return null;
        Sign(number, SpdmStatement.Measurements, _connection.Transcript.DigestOfMeasurements(_connection.Suite, measured.WrittenSpan));
        measured.ResetWrittenCount();
        return null;
    }

    private SpdmErrorCode? OnKeyExchange(SpdmHeader header, ReadOnlySpan<byte> request)
    {
        SpdmSuite suite = _connection.Suite;
        SpdmGroup group = suite.Group!;
        ReadOnlySpan<byte> chain = _slots.Chain(header.Param2);
        SpdmReader reader = new(request);
        if (chain.IsEmpty || !IsSummary(header.Param1) || !SpdmKeyExchange.TryRead(request, out SpdmKeyExchange asked)) return SpdmErrorCode.InvalidRequest;
        if (!reader.TrySkip(SpdmKeyExchange.ByteSize) || !reader.TryTake(group.ValueSize, out ReadOnlySpan<byte> theirs) || !reader.TryTakeCounted(out ReadOnlySpan<byte> opaque))
            return SpdmErrorCode.InvalidRequest;
        if (SpdmOpaque.Choose(opaque, _connection.Version) is not { } recordVersion) return SpdmErrorCode.InvalidRequest;
        if (_options.IsMutualRequired && !IsMutual) return _connection.Version < SpdmConstants.Version13 ? SpdmErrorCode.Unspecified : SpdmErrorCode.InvalidPolicy;
        int index = Array.IndexOf(_sessions, null);
        if (index < 0) return SpdmErrorCode.SessionLimitExceeded;
        using var key = group.CreateKey(_random, out byte[] ours);
        if (group.Agree(key, theirs) is not { } secret) return SpdmErrorCode.InvalidRequest;
        SpdmKeyExchangeResponse head = default;
        head.Header = new SpdmHeader { Version = _connection.Version, Code = SpdmMessage.KeyExchangeRsp, Param1 = HeartbeatPeriod };
        head.Mutual = IsMutual ? MutualAuthentication.Encapsulated : MutualAuthentication.None;
        head.SessionId = (ushort)(ushort.MaxValue - index);
        _random.NextBytes(head.Random);
        _answer.Begin();
        head.Write(_answer.Take(SpdmKeyExchangeResponse.ByteSize));
        _answer.Write(ours);
        WriteSummary((SummaryType)header.Param1);
        SpdmOpaque.WriteChoice(_answer, _connection.Version, recordVersion);
        SpdmHandshake handshake = new(_connection, chain, reader.Past, _answer.Written);
        ReadOnlySpan<byte> signature = Sign(header.Param2, SpdmStatement.KeyExchange, handshake.Digest);
        handshake.Add(signature);
        byte[] th1 = handshake.Digest;
        SpdmRecords records = new(suite, _connection.IsEncrypted, _options.Binding, _random);
        SpdmSession keys = new(((uint)head.SessionId << 16) | asked.SessionId, isRequester: false, records, secret, th1);
        byte[] proof = keys.ResponderVerifyData(th1);
        handshake.Add(proof);
        _answer.Write(proof);
        ForgetUnfinishedChallenge();
        SpdmMutualFlow? mutual = CreateMutualFlow();
        _begun = _sessions[index] = new SpdmResponderSession(keys, handshake) { Mutual = mutual, Flow = mutual, LastSeen = Now };
        return null;
    }

    /// <summary>Seconds of the sessions' heartbeat period, if both ends have one.</summary>
    private byte HeartbeatPeriod => _connection.Has(SpdmCapabilities.HbeatCap, SpdmCapabilities.HbeatCap) ? _options.HeartbeatPeriod : (byte)0;

    /// <summary>Keeps a request and the answer to it as part of the connection.</summary>
    private void Remember(ReadOnlySpan<byte> request)
    {
        _connection.Transcript.Connection.Write(request);
        _connection.Transcript.Connection.Write(_answer.Written);
    }

    private void RememberCertificates(ReadOnlySpan<byte> request)
    {
        _connection.Transcript.Certificates.Write(request);
        _connection.Transcript.Certificates.Write(_answer.Written);
    }

    /// <summary>A challenge is about the digests and certificates before it only if nothing else came between them.</summary>
    private void ForgetUnfinishedChallenge()
    {
        if (State < SpdmConnectionState.Authenticated) _connection.Transcript.Certificates.ResetWrittenCount();
    }

    private static bool IsSummary(byte type) => (SummaryType)type is SummaryType.None or SummaryType.Tcb or SummaryType.All;

    private void WriteSummary(SummaryType type)
    {
        if (type == SummaryType.None) return;
        SpdmSuite suite = _connection.Suite;
        IEnumerable<SpdmMeasurement> summed = _identity.Measure().Where(measurement => type == SummaryType.All || measurement.IsTcb);
        _answer.Write(suite.Hash.Digest([.. summed.SelectMany(measurement => measurement.ToBlock(suite.MeasurementHash))]));
    }

    private ReadOnlySpan<byte> Sign(int slot, string purpose, byte[] transcriptDigest)
    {
        byte[] signature = _slots.Key(slot).Sign(new SpdmStatement(_connection.Version, _connection.Suite.Hash, purpose, transcriptDigest));
        _answer.Write(signature);
        return signature;
    }
}
