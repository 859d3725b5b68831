using System.Buffers.Binary;
using System.Security.Cryptography;
using TeeIo.Pci.Doe;
using TeeIo.Pci.SpdmVendor;

namespace TeeIo.Pci.Spdm;

/// <summary>The responder's end of an SPDM connection: the content of a DOE object in, the answer out. One session at a time.</summary>
/// <remarks>The same narrow suite as <see cref="SpdmRequester"/>. A record that isn't the next one or isn't authentic ends the session, and so does GET_VERSION. After a change of keys
/// there is no way back to the old ones.</remarks>
/// <param name="identity">Certificates, measurements and the key.</param>
/// <param name="protocols">What is served inside the session.</param>
/// <param name="random">Where keys and nonces come from.</param>
/// <param name="options">Sizes and times.</param>
public sealed class SpdmResponder(ISpdmIdentity identity, ISpdmProtocols protocols, Random random, SpdmResponderOptions options)
{
    private readonly SpdmTranscript _transcript = new();
    private SpdmConnectionState _state;
    private SpdmSession? _session;
    private bool _isUpdating;

    /// <summary>Whether a session is established.</summary>
    public bool HasSession => _session is { IsEstablished: true };

    /// <summary>Answers the content of a DOE object.</summary>
    /// <param name="type">The object's type.</param>
    /// <param name="content">The object's content.</param>
    /// <returns>The answer, a whole DOE object; empty where there is none.</returns>
    public byte[] Answer(DoeObjectType type, ReadOnlySpan<byte> content) => type switch
    {
        DoeObjectType.Spdm => DoeObject.Create(DoeObjectType.Spdm, AnswerPlain(content)),
        DoeObjectType.SecuredSpdm => AnswerSecured(content),
        _ => [],
    };

    /// <summary>Forgets connection and session.</summary>
    public void Reset()
    {
        _transcript.Clear();
        _state = SpdmConnectionState.NotStarted;
        EndSession();
    }

    private void EndSession()
    {
        if (_session is null) return;
        _session.End();
        (_session, _isUpdating) = (null, false);
        protocols.SessionEnded();
    }

    private byte[] AnswerPlain(ReadOnlySpan<byte> message)
    {
        if (!SpdmHeader.TryRead(message, out SpdmHeader header)) return Error(SpdmErrorCode.InvalidRequest);
        if (header.Code == SpdmMessage.GetVersion) return OnVersion(header, message);
        if (header.Version != SpdmConstants.Version12) return Error(SpdmErrorCode.VersionMismatch);
        return header.Code switch
        {
            SpdmMessage.GetCapabilities => OnCapabilities(message),
            SpdmMessage.NegotiateAlgorithms => OnAlgorithms(message),
            SpdmMessage.GetDigests => _state < SpdmConnectionState.Negotiated ? Error(SpdmErrorCode.UnexpectedRequest) : OnDigests(),
            SpdmMessage.GetCertificate => _state < SpdmConnectionState.Negotiated ? Error(SpdmErrorCode.UnexpectedRequest) : OnCertificate(message),
            SpdmMessage.GetMeasurements => _state < SpdmConnectionState.Negotiated ? Error(SpdmErrorCode.UnexpectedRequest) : OnMeasurements(message),
            SpdmMessage.KeyExchange => _state < SpdmConnectionState.Negotiated ? Error(SpdmErrorCode.UnexpectedRequest) : OnKeyExchange(message),
            SpdmMessage.Finish or SpdmMessage.Heartbeat or SpdmMessage.KeyUpdate or SpdmMessage.EndSession or SpdmMessage.VendorDefinedRequest => Error(SpdmErrorCode.SessionRequired),
            _ => Error(SpdmErrorCode.UnsupportedRequest, (byte)header.Code),
        };
    }

    private byte[] AnswerSecured(ReadOnlySpan<byte> record)
    {
        if (!SpdmRecord.TryRead(record, out SpdmRecord header) || _session is null || header.SessionId != _session.Id) return [];
        SpdmSession session = _session;
        if (!session.TryOpen(record, out byte[] message))
        {
            // Silence is permitted, and tells an attacker nothing.
            EndSession();
            return [];
        }

        (byte[] answer, Action? afterwards) = session.IsEstablished ? AnswerEstablished(session, message) : OnFinish(session, message);

        // A device that is reset or pulled out while it answers has no session any more to answer in.
        if (session.IsDead) return [];
        byte[] sealedAnswer = DoeObject.Create(DoeObjectType.SecuredSpdm, session.Seal(answer));
        afterwards?.Invoke();
        return sealedAnswer;
    }

    private (byte[] Answer, Action? Afterwards) AnswerEstablished(SpdmSession session, byte[] message)
    {
        if (!SpdmHeader.TryRead(message, out SpdmHeader header)) return (Error(SpdmErrorCode.InvalidRequest), null);
        if (header.Version != SpdmConstants.Version12) return (Error(SpdmErrorCode.VersionMismatch), null);
        bool isHeaderOnly = message.Length == SpdmHeader.ByteSize;
        switch (header.Code)
        {
            case SpdmMessage.Heartbeat:
                return (isHeaderOnly ? SpdmNegotiation.Header(SpdmMessage.HeartbeatAck) : Error(SpdmErrorCode.InvalidRequest), null);
            case SpdmMessage.KeyUpdate:
                return (isHeaderOnly ? OnKeyUpdate(session, header) : Error(SpdmErrorCode.InvalidRequest), null);
            case SpdmMessage.EndSession:
                return isHeaderOnly ? (SpdmNegotiation.Header(SpdmMessage.EndSessionAck), EndSession) : (Error(SpdmErrorCode.InvalidRequest), null);
            case SpdmMessage.GetMeasurements:
                return (OnMeasurements(message), null);
            case SpdmMessage.GetDigests:
                return (OnDigests(), null);
            case SpdmMessage.GetCertificate:
                return (OnCertificate(message), null);
            case SpdmMessage.VendorDefinedRequest:
                return (OnVendorDefined(message), null);
            case SpdmMessage.GetVersion or SpdmMessage.GetCapabilities or SpdmMessage.NegotiateAlgorithms or SpdmMessage.KeyExchange or SpdmMessage.Finish:
                return (Error(SpdmErrorCode.UnexpectedRequest), null);
            default:
                return (Error(SpdmErrorCode.UnsupportedRequest, (byte)header.Code), null);
        }
    }

    private byte[] OnVersion(SpdmHeader header, ReadOnlySpan<byte> request)
    {
        if (header.Version != SpdmConstants.Version10) return Error(SpdmErrorCode.VersionMismatch, version: SpdmConstants.Version10);
        Reset();
        byte[] response = new byte[SpdmVersion.ByteSize + sizeof(ushort)];
        new SpdmVersion { Header = new SpdmHeader { Version = SpdmConstants.Version10, Code = SpdmMessage.Version }, EntryCount = 1 }.Write(response);
        BinaryPrimitives.WriteUInt16LittleEndian(response.AsSpan(SpdmVersion.ByteSize), SpdmConstants.VersionEntry12);
        _transcript.AddConnection(request[..SpdmHeader.ByteSize], response);
        _state = SpdmConnectionState.AfterVersion;
        return response;
    }

    private byte[] OnCapabilities(ReadOnlySpan<byte> request)
    {
        if (_state != SpdmConnectionState.AfterVersion) return Error(SpdmErrorCode.UnexpectedRequest);
        if (!SpdmCapabilitiesMessage.TryRead(request, out SpdmCapabilitiesMessage offered) || offered.DataTransferSize < SpdmConstants.MinDataTransferSize
            || offered.DataTransferSize != offered.MaxMessageSize || offered.CtExponent > SpdmConstants.MaxCtExponent)
        {
            return Error(SpdmErrorCode.InvalidRequest);
        }

        const SpdmCapabilities session = SpdmCapabilities.KeyExCap | SpdmCapabilities.MacCap | SpdmCapabilities.EncryptCap;
        if (!offered.Flags.HasFlag(session)) return Error(SpdmErrorCode.InvalidRequest);
        byte[] response = SpdmNegotiation.Capabilities(SpdmMessage.Capabilities, SpdmNegotiation.Responder, (uint)options.DataTransferSize);
        _transcript.AddConnection(request[..SpdmCapabilitiesMessage.ByteSize], response);
        _state = SpdmConnectionState.AfterCapabilities;
        return response;
    }

    private byte[] OnAlgorithms(ReadOnlySpan<byte> request)
    {
        if (_state != SpdmConnectionState.AfterCapabilities) return Error(SpdmErrorCode.UnexpectedRequest);
        byte[] expected = SpdmNegotiation.Offer();
        if (request.Length < expected.Length || !request[..expected.Length].SequenceEqual(expected)) return Error(SpdmErrorCode.InvalidRequest);
        byte[] response = SpdmNegotiation.Choice();
        _transcript.AddConnection(expected, response);
        _state = SpdmConnectionState.Negotiated;
        return response;
    }

    private byte[] OnDigests() => [.. SpdmNegotiation.Header(SpdmMessage.Digests, param2: 1), .. SHA384.HashData(identity.CertificateChain.Span)];

    private byte[] OnCertificate(ReadOnlySpan<byte> request)
    {
        ReadOnlySpan<byte> chain = identity.CertificateChain.Span;
        if (!SpdmGetCertificate.TryRead(request, out SpdmGetCertificate asked) || asked.Header.Param1 != 0 || asked.Length == 0 || asked.Offset >= chain.Length)
            return Error(SpdmErrorCode.InvalidRequest);
        int length = Math.Min(Math.Min(asked.Length, options.CertificatePortion), chain.Length - asked.Offset);
        byte[] response = new byte[SpdmCertificate.ByteSize + length];
        new SpdmCertificate
        {
            Header = new SpdmHeader { Version = SpdmConstants.Version12, Code = SpdmMessage.Certificate },
            PortionLength = (ushort)length,
            RemainderLength = (ushort)(chain.Length - asked.Offset - length),
        }.Write(response);
        chain.Slice(asked.Offset, length).CopyTo(response.AsSpan(SpdmCertificate.ByteSize));
        return response;
    }

    private byte[] OnMeasurements(ReadOnlySpan<byte> request)
    {
        bool isSupported = SpdmGetMeasurements.TryRead(request, out SpdmGetMeasurements asked) && asked.Slot == 0
            && asked.Header.Param1 == (byte)MeasurementAttributes.SignatureRequested && asked.Header.Param2 == SpdmConstants.AllMeasurements;
        if (!isSupported) return Error(SpdmErrorCode.InvalidRequest);
        byte[] head = new byte[SpdmMeasurements.ByteSize];
        new SpdmMeasurements
        {
            Header = new SpdmHeader { Version = SpdmConstants.Version12, Code = SpdmMessage.Measurements },
            BlockCount = (uint)identity.MeasurementCount,
            RecordLength = (uint)identity.Measurements.Length,
        }.Write(head);
        byte[] nonce = new byte[SpdmConstants.NonceSize];
        random.NextBytes(nonce);
        byte[] body = [.. head, .. identity.Measurements.Span, .. nonce, 0, 0];
        byte[] hash = _transcript.HashMeasurements(request[..SpdmGetMeasurements.ByteSize], body);
        return [.. body, .. identity.Sign(SpdmSigning.Message(SpdmConstants.Version12, SpdmSigning.Measurements, hash))];
    }

    private byte[] OnKeyExchange(ReadOnlySpan<byte> request)
    {
        if (_session is not null) return Error(SpdmErrorCode.SessionLimitExceeded);
        if (!SpdmKeyExchange.TryRead(request, out SpdmKeyExchange asked) || asked.Header.Param1 != 0 || asked.Header.Param2 != 0 || asked.SessionId == 0) return Error(SpdmErrorCode.InvalidRequest);
        int length = SpdmKeyExchange.ByteSize + asked.OpaqueLength;
        if (request.Length < length || !SpdmNegotiation.OffersVersion(request[SpdmKeyExchange.ByteSize..length])) return Error(SpdmErrorCode.InvalidRequest);
        using SpdmExchange exchange = new(random);
        if (!exchange.TryAgree(asked.ExchangeData, out byte[] secret)) return Error(SpdmErrorCode.InvalidRequest);
        SpdmKeyExchangeResponse answer = default;
        answer.Header = new SpdmHeader { Version = SpdmConstants.Version12, Code = SpdmMessage.KeyExchangeRsp, Param1 = (byte)options.HeartbeatPeriod };
        answer.SessionId = ushort.MaxValue;
        random.NextBytes(answer.Random);
        exchange.PublicValue.CopyTo(answer.ExchangeData);
        byte[] opaque = SpdmNegotiation.ChooseVersion();
        answer.OpaqueLength = (ushort)opaque.Length;
        byte[] head = new byte[SpdmKeyExchangeResponse.ByteSize + opaque.Length];
        answer.Write(head);
        opaque.CopyTo(head, SpdmKeyExchangeResponse.ByteSize);
        _transcript.StartHandshake(identity.CertificateChain.Span, request[..length], head);
        byte[] signature = identity.Sign(SpdmSigning.Message(SpdmConstants.Version12, SpdmSigning.KeyExchange, _transcript.HashHandshake()));
        _transcript.AddHandshake(signature);
        byte[] th1 = _transcript.HashHandshake();
        _session = new SpdmSession(((uint)answer.SessionId << 16) | asked.SessionId, isRequester: false, SpdmConstants.Version12, secret, th1);
        byte[] proof = _session.ResponderVerifyData(th1);
        _transcript.AddHandshake(proof);
        return [.. head, .. signature, .. proof];
    }

    private (byte[] Answer, Action? Afterwards) OnFinish(SpdmSession session, byte[] message)
    {
        if (!SpdmHeader.TryRead(message, out SpdmHeader header) || header.Version != SpdmConstants.Version12) return (Error(SpdmErrorCode.VersionMismatch), null);
        if (header.Code != SpdmMessage.Finish) return (Error(SpdmErrorCode.UnexpectedRequest), null);
        if (message.Length != SpdmFinish.ByteSize || header.Param1 != 0) return (Error(SpdmErrorCode.InvalidRequest), null);
        _transcript.AddHandshake(message.AsSpan(0, SpdmHeader.ByteSize));
        ReadOnlySpan<byte> proof = message.AsSpan(SpdmHeader.ByteSize);
        if (!CryptographicOperations.FixedTimeEquals(proof, session.RequesterVerifyData(_transcript.HashHandshake()))) return (Error(SpdmErrorCode.DecryptError), EndSession);
        _transcript.AddHandshake(proof);
        byte[] response = SpdmNegotiation.Header(SpdmMessage.FinishRsp);
        _transcript.AddHandshake(response);
        byte[] th2 = _transcript.HashHandshake();
        return (response, () => session.Establish(th2));
    }

    private byte[] OnKeyUpdate(SpdmSession session, SpdmHeader header)
    {
        var operation = (KeyUpdateOperation)header.Param1;
        bool isChange = operation is KeyUpdateOperation.UpdateKey or KeyUpdateOperation.UpdateAllKeys;
        bool isValid = isChange ? !_isUpdating : operation == KeyUpdateOperation.VerifyNewKey && _isUpdating;
        if (!isValid) return Error(SpdmErrorCode.InvalidRequest);
        _isUpdating = isChange;
        if (isChange) session.UpdateRequest();
        if (operation == KeyUpdateOperation.UpdateAllKeys) session.UpdateResponse();
        return SpdmNegotiation.Header(SpdmMessage.KeyUpdateAck, header.Param1, header.Param2);
    }

    private byte[] OnVendorDefined(ReadOnlySpan<byte> request)
    {
        byte unsupported = (byte)SpdmMessage.VendorDefinedRequest;
        if (!SpdmVendorMessage.TryUnwrap(request, out PciProtocol protocol, out ReadOnlySpan<byte> message)) return Error(SpdmErrorCode.UnsupportedRequest, unsupported);
        byte[] answer = new byte[options.DataTransferSize];
        int length = protocols.Answer(protocol, message, answer);
        return length == 0 ? Error(SpdmErrorCode.UnsupportedRequest, unsupported) : SpdmVendorMessage.Wrap(SpdmMessage.VendorDefinedResponse, protocol, answer.AsSpan(0, length));
    }

    private byte[] Error(SpdmErrorCode code, byte data = 0, byte? version = null) => SpdmNegotiation.Header(
        SpdmMessage.Error, (byte)code, data, version ?? (_state == SpdmConnectionState.NotStarted ? (byte)SpdmConstants.Version10 : (byte)SpdmConstants.Version12));
}
