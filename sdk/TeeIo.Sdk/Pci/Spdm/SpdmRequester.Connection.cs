using System.Buffers;

namespace TeeIo.Pci.Spdm;

/// <content>What is asked outside of sessions.</content>
public sealed partial class SpdmRequester
{
    private SpdmChainReader _chain = null!; // since the algorithms are settled

    /// <summary>Settles version, capabilities and algorithms; whatever was before is over.</summary>
    public IEnumerable<byte[]> Negotiate(DeviceExchange exchange)
    {
        Abandon();
        _connection.Reset();
        return Sequence(exchange, AskForVersion, AskForCapabilities, AskForAlgorithms);
    }

    /// <summary>Asks for the digests of the certificate chains.</summary>
    public IEnumerable<byte[]> ReadDigests(DeviceExchange exchange)
    {
        RequireNegotiated();
        _request.Begin(_connection.Version, SpdmMessage.GetDigests);
        byte[] request = _request.Written.ToArray();
        foreach (byte[] packet in Ask(exchange)) yield return packet;
        if (exchange.HasFailed) yield break;
        if (_chain.TakeDigests(_response.Span, out int length)) RememberDigests(request, length);
        else exchange.Fail(DeviceFailure.BadSpdm, $"DIGESTS has none of slot {_options.Slot}");
    }

    /// <summary>Reads the certificate chain, in as many portions as the responder gives, and decides whether it is trusted.</summary>
    public IEnumerable<byte[]> ReadCertificates(DeviceExchange exchange)
    {
        RequireNegotiated();
        _chain.Begin();
        int remainder;
        do
        {
            _chain.WriteRequest(_request, _connection.Version);
            byte[] request = _request.Written.ToArray();
            foreach (byte[] packet in Ask(exchange)) yield return packet;
            if (exchange.HasFailed) yield break;
            remainder = _chain.TakePortion(_response.Span, out int length);
            if (remainder < 0)
            {
                exchange.Fail(DeviceFailure.BadSpdm, "CERTIFICATE is malformed, or its portions don't make a chain");
                yield break;
            }

            if (_session is null) RememberCertificates(request, length);
        }
        while (remainder > 0);

        byte[] chain = _chain.Chain;
        if (!_chain.IsAsTold)
        {
            exchange.Fail(DeviceFailure.NotAuthentic, "the certificate chain isn't the one that DIGESTS told of");
            yield break;
        }

        _peer?.Dispose();
        _peer = _verifier.Trust(chain, _connection.Suite.Hash, _connection.Suite.Signature!, out string refusal);
        if (_peer is null) exchange.Fail(DeviceFailure.NotAuthentic, refusal);
        else Certificates = chain;
    }

    /// <summary>Has the responder prove that it has the chain's key. Comes after <see cref="ReadCertificates"/>, with nothing but digests and certificates between.</summary>
    /// <param name="exchange">The relay.</param>
    /// <param name="summary">Which measurements the signature is about as well.</param>
    public IEnumerable<byte[]> Challenge(DeviceExchange exchange, SummaryType summary = SummaryType.None)
    {
        RequireNegotiated();
        _request.Begin(_connection.Version, SpdmMessage.Challenge, _options.Slot, (int)summary).WriteRandom(_random, SpdmConstants.NonceSize);
        WriteContext();
        byte[] request = _request.Written.ToArray();
        foreach (byte[] packet in Ask(exchange)) yield return packet;
        if (exchange.HasFailed) yield break;
        if (!TakeChallenge(request, summary))
        {
            exchange.Fail(DeviceFailure.NotAuthentic, "CHALLENGE_AUTH is malformed, or its signature is wrong");
            yield break;
        }

        if (!_asksBack) yield break;
        foreach (byte[] packet in Serve(exchange, isImplicit: false)) yield return packet;
    }

    /// <inheritdoc/>
    public IEnumerable<byte[]> Measure(DeviceExchange exchange, ReadOnlyMemory<byte> nonce = default) => Measure(exchange, SpdmConstants.AllMeasurements, isSigned: true, nonce);

    /// <summary>Collects measurements; the signature of signed ones is also about those without signature before them.</summary>
    /// <param name="exchange">The relay.</param>
    /// <param name="index">Which, or <see cref="SpdmConstants.AllMeasurements"/>.</param>
    /// <param name="isSigned">Whether they are signed.</param>
    /// <param name="nonce">What makes them fresh for whoever chose it; empty for a random one.</param>
    public IEnumerable<byte[]> Measure(DeviceExchange exchange, byte index, bool isSigned, ReadOnlyMemory<byte> nonce = default)
    {
        if (!nonce.IsEmpty && nonce.Length != SpdmConstants.NonceSize) throw new ArgumentException($"A nonce has {SpdmConstants.NonceSize} bytes, not {nonce.Length}.", nameof(nonce));
        RequireNegotiated();
        return AskForMeasurements(exchange, index, isSigned, nonce);
    }

    private IEnumerable<byte[]> AskForMeasurements(DeviceExchange exchange, byte index, bool isSigned, ReadOnlyMemory<byte> nonce)
    {
        _request.Begin(_connection.Version, SpdmMessage.GetMeasurements, isSigned ? (int)MeasurementAttributes.SignatureRequested : 0, index);
        if (isSigned)
        {
            if (nonce.IsEmpty) _request.WriteRandom(_random, SpdmConstants.NonceSize);
            else _request.Write(nonce.Span);
            _request.Write([_options.Slot]);
        }

        WriteContext();
        byte[] request = _request.Written.ToArray();
        foreach (byte[] packet in Ask(exchange)) yield return packet;
        if (exchange.HasFailed) yield break;
        DeviceFailure failure = TakeMeasurements(request, isSigned);
        if (failure != DeviceFailure.None) exchange.Fail(failure, failure == DeviceFailure.BadSpdm ? "MEASUREMENTS is malformed" : "the signature of the measurements is wrong");
    }

    private IEnumerable<byte[]> AskForVersion(DeviceExchange exchange)
    {
        _request.Begin(SpdmConstants.Version10, SpdmMessage.GetVersion);
        byte[] request = _request.Written.ToArray();
        foreach (byte[] packet in Ask(exchange)) yield return packet;
        if (exchange.HasFailed) yield break;
        if (!SpdmVersion.TryRead(_response.Span, out SpdmVersion offer) || _response.Length < SpdmVersion.ByteSize + (offer.EntryCount * sizeof(ushort)))
        {
            exchange.Fail(DeviceFailure.BadSpdm, "VERSION is malformed");
            yield break;
        }

        ReadOnlyMemory<byte> entries = _response.Slice(SpdmVersion.ByteSize, offer.EntryCount * sizeof(ushort));
        byte best = 0;
        for (int i = 0; i < offer.EntryCount; i++)
        {
            byte version = entries.Span[(i * sizeof(ushort)) + 1];
            if (version > best && _options.Versions.Contains(version)) best = version;
        }

        if (best == 0)
        {
            exchange.Fail(DeviceFailure.BadSpdm, $"the responder speaks {Convert.ToHexString(entries.Span)}, and this end {Convert.ToHexString([.. _options.Versions])}");
            yield break;
        }

        Remember(request, SpdmVersion.ByteSize + entries.Length);
        _connection.ChooseVersion(best);
    }

    private IEnumerable<byte[]> AskForCapabilities(DeviceExchange exchange)
    {
        byte version = _connection.Version;
        SpdmNegotiation.WriteCapabilities(_request, version, SpdmMessage.GetCapabilities, _options.Capabilities, _options);
        byte[] request = _request.Written.ToArray();
        foreach (byte[] packet in Ask(exchange)) yield return packet;
        if (exchange.HasFailed) yield break;
        if (SpdmNegotiation.ReadCapabilities(_response.Span, version, out int length) is not { } offered)
        {
            exchange.Fail(DeviceFailure.BadSpdm, "CAPABILITIES is malformed");
            yield break;
        }

        SpdmCapabilities flags = offered.Flags & SpdmCapabilityRules.Of(version, isRequester: false);
        _connection.SettleCapabilities(_options.Capabilities & SpdmCapabilityRules.Of(version, isRequester: true), flags, offered);
        Remember(request, length);
    }

    private IEnumerable<byte[]> AskForAlgorithms(DeviceExchange exchange)
    {
        BaseAsym own = _connection.Has(SpdmCapabilities.MutAuthCap, SpdmCapabilities.MutAuthCap) && _options.Identity is { } identity
            ? identity.Slots.Aggregate(default(BaseAsym), (set, slot) => set | slot.Key.Algorithm.Algorithm) & _options.Algorithms.RequesterSignatures
            : 0;
        SpdmNegotiation.WriteOffer(_request, _connection.Version, _options.Algorithms, own);
        byte[] request = _request.Written.ToArray();
        foreach (byte[] packet in Ask(exchange)) yield return packet;
        if (exchange.HasFailed) yield break;
        if (SpdmNegotiation.ReadChoice(_response.Span, _connection, _options.Algorithms, out int length, out string refusal) is not { } suite)
        {
            exchange.Fail(DeviceFailure.BadSpdm, refusal);
            yield break;
        }

        Remember(request, length);
        _connection.SettleAlgorithms(suite);
        int most = Math.Min(_connection.HasPieces ? _options.MaxMessageSize : _options.DataTransferSize, ushort.MaxValue);
        _slots = _options.Identity is { } who ? new SpdmSlots(who, suite.RequesterSignature, suite.Hash) : null;
        _chain = new SpdmChainReader(_options.Slot, suite.Hash, most - SpdmCertificate.ByteSize);
    }

    private void RememberDigests(ReadOnlySpan<byte> request, int length)
    {
        if (_session is not null) return;
        _connection.Transcript.Certificates.ResetWrittenCount();
        RememberCertificates(request, length);
    }

    private bool TakeChallenge(ReadOnlySpan<byte> request, SummaryType summary)
    {
        SpdmSuite suite = _connection.Suite;
        SpdmReader reader = new(_response.Span);
        if (!reader.TrySkip(SpdmHeader.ByteSize) || !reader.TryTake(suite.Hash.Size, out ReadOnlySpan<byte> chainDigest) || !reader.TrySkip(SpdmConstants.NonceSize)) return false;
        if (summary != SummaryType.None && !reader.TrySkip(suite.Hash.Size)) return false;
        if (!reader.TryTakeCounted(out _) || !TryTakeContext(ref reader, request)) return false;
        if (_peer is null || !chainDigest.SequenceEqual(suite.Hash.Digest(Certificates.Span))) return false;
        if (!IsSigned(ref reader, SpdmStatement.Challenge, _connection.Transcript.DigestOfChallenge(suite.Hash, request, reader.Past))) return false;
        _connection.Transcript.Certificates.ResetWrittenCount();
        _connection.Authenticate();
        _asksBack = (_response.Span[2] & SpdmConstants.ChallengeAsksBack) != 0;
        return true;
    }

    private DeviceFailure TakeMeasurements(ReadOnlySpan<byte> request, bool isSigned)
    {
        SpdmReader reader = new(_response.Span);
        if (!SpdmMeasurements.TryRead(_response.Span, out SpdmMeasurements header) || !reader.TrySkip(SpdmMeasurements.ByteSize)) return DeviceFailure.BadSpdm;
        if (!reader.TryTake((int)header.RecordLength, out ReadOnlySpan<byte> record) || !reader.TrySkip(SpdmConstants.NonceSize) || !reader.TryTakeCounted(out _)) return DeviceFailure.BadSpdm;
        if (!TryTakeContext(ref reader, request)) return DeviceFailure.BadSpdm;
        byte[] blocks = record.ToArray();
        if (!SpdmMeasurement.TryRead(blocks, out List<SpdmMeasurement> found) || found.Count != header.BlockCount) return DeviceFailure.BadSpdm;
        _measured.Write(request);
        _measured.Write(reader.Past);
        if (isSigned)
        {
            byte[] digest = _connection.Transcript.DigestOfMeasurements(_connection.Suite, _measured.WrittenSpan);
            _measured.ResetWrittenCount();
            if (_peer is null || !IsSigned(ref reader, SpdmStatement.Measurements, digest)) return DeviceFailure.NotAuthentic;
        }

        (Measurements, MeasurementCount) = (blocks, header.Header.Param1);
        return DeviceFailure.None;
    }

    /// <summary>Whether the responder wants this end to prove who it is in turn.</summary>
    private bool _asksBack;

    /// <summary>How many measurements the responder has; known after it was asked for index 0.</summary>
    public int MeasurementCount { get; private set; }

    private bool IsSigned(ref SpdmReader reader, string purpose, byte[] transcriptDigest) =>
        reader.TryTake(_connection.Suite.Signature!.SignatureSize, out ReadOnlySpan<byte> signature)
        && _peer!.Verify(new SpdmStatement(_connection.Version, _connection.Suite.Hash, purpose, transcriptDigest), signature);

    private void WriteContext()
    {
        if (_connection.Version >= SpdmConstants.Version13) _request.WriteRandom(_random, SpdmConstants.ContextSize);
    }

    /// <summary>From 1.3 on the responder gives back the context that the request ended with.</summary>
    private bool TryTakeContext(ref SpdmReader reader, ReadOnlySpan<byte> request)
    {
        if (_connection.Version < SpdmConstants.Version13) return true;
        return reader.TryTake(SpdmConstants.ContextSize, out ReadOnlySpan<byte> context) && context.SequenceEqual(request[^SpdmConstants.ContextSize..]);
    }

    private void RequireNegotiated()
    {
        if (State < SpdmConnectionState.Negotiated) throw new InvalidOperationException("Nothing is settled with the responder yet; negotiate first.");
    }

    private void Remember(ReadOnlySpan<byte> request, int responseLength)
    {
        _connection.Transcript.Connection.Write(request);
        _connection.Transcript.Connection.Write(_response.Span[..responseLength]);
    }

    private void RememberCertificates(ReadOnlySpan<byte> request, int responseLength)
    {
        _connection.Transcript.Certificates.Write(request);
        _connection.Transcript.Certificates.Write(_response.Span[..responseLength]);
    }
}
