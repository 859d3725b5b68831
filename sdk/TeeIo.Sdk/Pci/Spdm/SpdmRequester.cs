using System.Security.Cryptography;
using TeeIo.Pci.Doe;
using TeeIo.Pci.SpdmVendor;

namespace TeeIo.Pci.Spdm;

/// <summary>The requester's end of an SPDM connection over DOE: whole DOE objects out and in, and no way to the device of its own. Start an operation, then carry what
/// <see cref="TryGetRequest"/> gives to the device and its answers to <see cref="Accept"/>, until there is no request any more.</summary>
/// <remarks>Narrow, but true to the wire: SPDM 1.2 with SHA-384, ECDH and ECDSA on P-384 and AES-256-GCM; one certificate slot, no mutual authentication, no chunks, no pre-shared keys.
/// Whether a chain is to be trusted is decided by the <see cref="ISpdmVerifier"/>.</remarks>
/// <param name="verifier">Checks the responder's signatures.</param>
/// <param name="random">Where keys and nonces come from.</param>
public sealed class SpdmRequester(ISpdmVerifier verifier, Random random)
{
    /// <summary>Largest message that the requester takes: one page holds the DOE object around it.</summary>
    private const int DataTransferSize = 4096 - DoeHeader.ByteSize;

    /// <summary>Longest portion of a certificate chain to ask for.</summary>
    private const int PortionSize = 1024;

    private readonly SpdmTranscript _transcript = new();
    private readonly List<byte> _chain = [];
    private SpdmSession? _session;
    private byte[]? _request;
    private byte[] _sent = [];
    private byte[] _digest = [];
    private bool _isSecured;
    private SpdmExchange? _exchange;
    private Func<ReadOnlyMemory<byte>, SpdmFailure>? _onResponse;

    /// <summary>Whether the session is established and alive.</summary>
    public bool IsUp => _session is { IsEstablished: true, IsDead: false };

    /// <summary>Whether an operation goes on.</summary>
    public bool IsBusy => _request is not null;

    /// <summary>The session's id; 0 without one.</summary>
    public uint SessionId => _session?.Id ?? 0;

    /// <summary>How the last operation failed, or <see cref="SpdmFailure.None"/>.</summary>
    public SpdmFailure Failure { get; private set; }

    /// <summary>For <see cref="SpdmFailure.Refused"/>: the responder's reason.</summary>
    public SpdmErrorCode ErrorCode { get; private set; }

    /// <summary>The responder's certificate chain, once connected.</summary>
    public ReadOnlyMemory<byte> CertificateChain { get; private set; }

    /// <summary>The responder's measurement blocks, signed for, once connected or measured.</summary>
    public ReadOnlyMemory<byte> Measurements { get; private set; }

    /// <summary>Connects: from the version to an established session, with certificate chain and measurements collected. What was there before is given up.</summary>
    public void StartConnect()
    {
        Abandon();
        _transcript.Clear();
        _chain.Clear();
        Begin(isSecured: false, SpdmNegotiation.Header(SpdmMessage.GetVersion, version: SpdmConstants.Version10), OnVersion);
    }

    /// <summary>Collects the measurements again, inside the session.</summary>
    /// <param name="nonce">The request's nonce, of its whole length; empty for a random one.</param>
    public void StartMeasurements(ReadOnlySpan<byte> nonce = default) => BeginSecured(MeasurementRequest(nonce), response => OnMeasurements(response, isConnecting: false));

    /// <summary>Keeps the session alive.</summary>
    public void StartHeartbeat() => BeginSecured(SpdmNegotiation.Header(SpdmMessage.Heartbeat), response => Expect(response, SpdmMessage.HeartbeatAck));

    /// <summary>Changes the keys of both directions, and proves that the change worked.</summary>
    public void StartKeyUpdate()
    {
        BeginSecured(SpdmNegotiation.Header(SpdmMessage.KeyUpdate, (byte)KeyUpdateOperation.UpdateAllKeys), OnKeyUpdate);

        // The acknowledgement uses the responder's new key already; requests change their key after it.
        _session!.UpdateResponse();
    }

    /// <summary>Ends the session.</summary>
    public void StartEnd() => BeginSecured(SpdmNegotiation.Header(SpdmMessage.EndSession, SpdmConstants.EndWithoutState), response =>
    {
        _session!.End();
        return Expect(response, SpdmMessage.EndSessionAck);
    });

    /// <summary>The request to carry to the device now: the same one until its answer is accepted.</summary>
    /// <returns>False where the operation is over; <see cref="Failure"/> says how.</returns>
    public bool TryGetRequest(out byte[] request)
    {
        request = _request ?? [];
        return _request is not null;
    }

    /// <summary>Takes the device's answer, a whole DOE object.</summary>
    /// <returns>False where the operation has failed.</returns>
    /// <exception cref="InvalidOperationException">No request waits for an answer.</exception>
    public bool Accept(ReadOnlySpan<byte> response)
    {
        Func<ReadOnlyMemory<byte>, SpdmFailure> handler = _onResponse ?? throw new InvalidOperationException("No SPDM request waits for an answer; start an operation first.");
        bool isSecured = _session is { IsDead: false } && _isSecured;
        (_request, _onResponse) = (null, null);
        if (!TryOpenObject(response, isSecured, out byte[] message)) return Fail(isSecured ? SpdmFailure.NotAuthentic : SpdmFailure.Malformed);
        if (!SpdmHeader.TryRead(message, out SpdmHeader header)) return Fail(SpdmFailure.Malformed);
        if (header.Code == SpdmMessage.Error)
        {
            ErrorCode = (SpdmErrorCode)header.Param1;
            if (ErrorCode == SpdmErrorCode.DecryptError) _session?.End();
            return Fail(SpdmFailure.Refused);
        }

        SpdmFailure failure = handler(message);
        return failure == SpdmFailure.None || Fail(failure);
    }

    /// <summary>Wraps a message of a protocol of PCI-SIG: a DOE object with the session's next record.</summary>
    /// <exception cref="InvalidOperationException">No session is up.</exception>
    public byte[] Seal(PciProtocol protocol, ReadOnlySpan<byte> message)
    {
        RequireSession();
        return DoeObject.Create(DoeObjectType.SecuredSpdm, _session!.Seal(SpdmVendorMessage.Wrap(SpdmMessage.VendorDefinedRequest, protocol, message)));
    }

    /// <summary>Unwraps the answer to a message that <see cref="Seal"/> wrapped. A record that isn't the session's next one ends the session.</summary>
    /// <returns>False where the record is wrong, the responder refused, or it carries another protocol's message.</returns>
    public bool TryOpen(PciProtocol protocol, ReadOnlySpan<byte> response, out byte[] message)
    {
        message = [];
        if (!IsUp || !TryOpenObject(response, isSecured: true, out byte[] wrapped)) return false;
        if (!SpdmHeader.TryRead(wrapped, out SpdmHeader header) || header.Code != SpdmMessage.VendorDefinedResponse) return false;
        if (!SpdmVendorMessage.TryUnwrap(wrapped, out PciProtocol found, out ReadOnlySpan<byte> content) || found != protocol) return false;
        message = content.ToArray();
        return true;
    }

    /// <summary>Gives the session and any operation up without a word.</summary>
    public void Abandon()
    {
        _session?.End();
        (_session, _request, _onResponse, Failure, ErrorCode) = (null, null, null, SpdmFailure.None, default);
    }

    private void RequireSession()
    {
        if (!IsUp) throw new InvalidOperationException("No SPDM session is up; connect first.");
    }

    private void BeginSecured(byte[] message, Func<ReadOnlyMemory<byte>, SpdmFailure> onResponse)
    {
        RequireSession();
        if (IsBusy) throw new InvalidOperationException("Another SPDM operation waits for its answer; accept that first.");
        (Failure, ErrorCode) = (SpdmFailure.None, default);
        Begin(isSecured: true, message, onResponse);
    }

    private void Begin(bool isSecured, byte[] message, Func<ReadOnlyMemory<byte>, SpdmFailure> onResponse)
    {
        (_isSecured, _sent, _onResponse) = (isSecured, message, onResponse);
        _request = isSecured ? DoeObject.Create(DoeObjectType.SecuredSpdm, _session!.Seal(message)) : DoeObject.Create(DoeObjectType.Spdm, message);
    }

    private bool TryOpenObject(ReadOnlySpan<byte> response, bool isSecured, out byte[] message)
    {
        message = [];
        bool isObject = DoeObject.TryRead(response, out DoeObjectType type, out ReadOnlySpan<byte> content);
        if (isSecured)
        {
            if (isObject && type == DoeObjectType.SecuredSpdm) return _session!.TryOpen(content, out message);

            // An answer in the clear to a record is as wrong as a record that doesn't open.
            _session!.End();
            return false;
        }

        message = isObject && type == DoeObjectType.Spdm ? content.ToArray() : [];
        return message.Length > 0;
    }

    private bool Fail(SpdmFailure failure)
    {
        if (_session is { IsEstablished: false }) Abandon();
        Failure = failure;
        (_request, _onResponse) = (null, null);
        return false;
    }

    private static bool Is(ReadOnlySpan<byte> message, SpdmMessage code, int length, byte version = SpdmConstants.Version12) =>
        message.Length >= length && SpdmHeader.TryRead(message, out SpdmHeader header) && header.Code == code && header.Version == version;

    private static SpdmFailure Expect(ReadOnlyMemory<byte> response, SpdmMessage code) =>
        response.Length == SpdmHeader.ByteSize && Is(response.Span, code, SpdmHeader.ByteSize) ? SpdmFailure.None : SpdmFailure.Malformed;

    private SpdmFailure OnVersion(ReadOnlyMemory<byte> response)
    {
        ReadOnlySpan<byte> message = response.Span;
        if (!Is(message, SpdmMessage.Version, SpdmVersion.ByteSize, SpdmConstants.Version10) || !SpdmVersion.TryRead(message, out SpdmVersion version)) return SpdmFailure.Malformed;
        int length = SpdmVersion.ByteSize + (version.EntryCount * sizeof(ushort));
        if (message.Length < length || version.EntryCount == 0) return SpdmFailure.Malformed;
        bool isOffered = false;
        for (int i = SpdmVersion.ByteSize; i < length; i += sizeof(ushort)) isOffered |= message[i + 1] == SpdmConstants.VersionEntry12 >> 8;
        if (!isOffered) return SpdmFailure.Unsupported;
        _transcript.AddConnection(_sent, message[..length]);
        Begin(isSecured: false, SpdmNegotiation.Capabilities(SpdmMessage.GetCapabilities, SpdmNegotiation.Requester, DataTransferSize), OnCapabilities);
        return SpdmFailure.None;
    }

    private SpdmFailure OnCapabilities(ReadOnlyMemory<byte> response)
    {
        ReadOnlySpan<byte> message = response.Span;
        if (!Is(message, SpdmMessage.Capabilities, SpdmCapabilitiesMessage.ByteSize) || !SpdmCapabilitiesMessage.TryRead(message, out SpdmCapabilitiesMessage offered)) return SpdmFailure.Malformed;
        if (offered.DataTransferSize < SpdmConstants.MinDataTransferSize || offered.CtExponent > SpdmConstants.MaxCtExponent) return SpdmFailure.Malformed;
        if (!offered.Flags.HasFlag(SpdmNegotiation.Responder)) return SpdmFailure.Unsupported;
        _transcript.AddConnection(_sent, message[..SpdmCapabilitiesMessage.ByteSize]);
        Begin(isSecured: false, SpdmNegotiation.Offer(), OnAlgorithms);
        return SpdmFailure.None;
    }

    private SpdmFailure OnAlgorithms(ReadOnlyMemory<byte> response)
    {
        ReadOnlySpan<byte> message = response.Span;
        byte[] expected = SpdmNegotiation.Choice();
        if (!Is(message, SpdmMessage.Algorithms, expected.Length)) return SpdmFailure.Malformed;
        if (!message[..expected.Length].SequenceEqual(expected)) return SpdmFailure.Unsupported;
        _transcript.AddConnection(_sent, expected);
        Begin(isSecured: false, SpdmNegotiation.Header(SpdmMessage.GetDigests), OnDigests);
        return SpdmFailure.None;
    }

    private SpdmFailure OnDigests(ReadOnlyMemory<byte> response)
    {
        ReadOnlySpan<byte> message = response.Span;
        if (!Is(message, SpdmMessage.Digests, SpdmDigests.ByteSize + SpdmConstants.HashSize) || (message[3] & 1) == 0) return SpdmFailure.Malformed;
        _digest = message.Slice(SpdmDigests.ByteSize, SpdmConstants.HashSize).ToArray();
        AskForCertificate();
        return SpdmFailure.None;
    }

    private void AskForCertificate()
    {
        byte[] request = new byte[SpdmGetCertificate.ByteSize];
        new SpdmGetCertificate
        {
            Header = new SpdmHeader { Version = SpdmConstants.Version12, Code = SpdmMessage.GetCertificate },
            Offset = (ushort)_chain.Count,
            Length = PortionSize,
        }.Write(request);
        Begin(isSecured: false, request, OnCertificate);
    }

    private SpdmFailure OnCertificate(ReadOnlyMemory<byte> response)
    {
        ReadOnlySpan<byte> message = response.Span;
        if (!Is(message, SpdmMessage.Certificate, SpdmCertificate.ByteSize) || !SpdmCertificate.TryRead(message, out SpdmCertificate portion)) return SpdmFailure.Malformed;
        ReadOnlySpan<byte> rest = message[SpdmCertificate.ByteSize..];
        if (portion.PortionLength is 0 or > PortionSize || portion.PortionLength > rest.Length || _chain.Count + portion.PortionLength + portion.RemainderLength > ushort.MaxValue)
            return SpdmFailure.Malformed;
        _chain.AddRange(rest[..portion.PortionLength]);
        if (portion.RemainderLength > 0)
        {
            AskForCertificate();
            return SpdmFailure.None;
        }

        byte[] chain = [.. _chain];
        if (!SpdmCertificateChain.TryRead(chain, out SpdmCertificateChain header) || header.Length != chain.Length) return SpdmFailure.Malformed;
        if (!CryptographicOperations.FixedTimeEquals(SHA384.HashData(chain), _digest)) return SpdmFailure.NotAuthentic;
        CertificateChain = chain;
        Begin(isSecured: false, MeasurementRequest(), r => OnMeasurements(r, isConnecting: true));
        return SpdmFailure.None;
    }

    private byte[] MeasurementRequest(ReadOnlySpan<byte> nonce = default)
    {
        byte[] request = new byte[SpdmGetMeasurements.ByteSize];
        SpdmGetMeasurements message = default;
        message.Header = new SpdmHeader
        {
            Version = SpdmConstants.Version12,
            Code = SpdmMessage.GetMeasurements,
            Param1 = (byte)MeasurementAttributes.SignatureRequested,
            Param2 = SpdmConstants.AllMeasurements,
        };
        if (nonce.IsEmpty) random.NextBytes(message.Nonce);
        else nonce.CopyTo(message.Nonce);
        message.Write(request);
        return request;
    }

    private SpdmFailure OnMeasurements(ReadOnlyMemory<byte> response, bool isConnecting)
    {
        ReadOnlySpan<byte> message = response.Span;
        if (!Is(message, SpdmMessage.Measurements, SpdmMeasurements.ByteSize) || !SpdmMeasurements.TryRead(message, out SpdmMeasurements header)) return SpdmFailure.Malformed;
        long opaqueAt = SpdmMeasurements.ByteSize + (long)header.RecordLength + SpdmConstants.NonceSize;
        if (opaqueAt + sizeof(ushort) > message.Length) return SpdmFailure.Malformed;
        int signatureAt = (int)opaqueAt + sizeof(ushort) + (message[(int)opaqueAt] | (message[(int)opaqueAt + 1] << 8));
        if (signatureAt + SpdmConstants.SignatureSize > message.Length) return SpdmFailure.Malformed;
        byte[] hash = _transcript.HashMeasurements(_sent, message[..signatureAt]);
        ReadOnlySpan<byte> signature = message.Slice(signatureAt, SpdmConstants.SignatureSize);
        if (!verifier.Verify(CertificateChain.Span, SpdmSigning.Message(SpdmConstants.Version12, SpdmSigning.Measurements, hash), signature)) return SpdmFailure.NotAuthentic;
        Measurements = message.Slice(SpdmMeasurements.ByteSize, (int)header.RecordLength).ToArray();
        if (isConnecting) AskForKeys();
        return SpdmFailure.None;
    }

    private void AskForKeys()
    {
        _exchange?.Dispose();
        _exchange = new SpdmExchange(random);
        byte[] opaque = SpdmNegotiation.OfferVersions();
        byte[] request = new byte[SpdmKeyExchange.ByteSize + opaque.Length];
        SpdmKeyExchange message = default;
        message.Header = new SpdmHeader { Version = SpdmConstants.Version12, Code = SpdmMessage.KeyExchange };
        message.SessionId = ushort.MaxValue;
        random.NextBytes(message.Random);
        _exchange.PublicValue.CopyTo(message.ExchangeData);
        message.OpaqueLength = (ushort)opaque.Length;
        message.Write(request);
        opaque.CopyTo(request, SpdmKeyExchange.ByteSize);
        Begin(isSecured: false, request, OnKeyExchange);
    }

    private SpdmFailure OnKeyExchange(ReadOnlyMemory<byte> response)
    {
        ReadOnlySpan<byte> message = response.Span;
        bool isResponse = Is(message, SpdmMessage.KeyExchangeRsp, SpdmKeyExchangeResponse.ByteSize);
        if (!isResponse || !SpdmKeyExchangeResponse.TryRead(message, out SpdmKeyExchangeResponse answer)) return SpdmFailure.Malformed;
        int signatureAt = SpdmKeyExchangeResponse.ByteSize + answer.OpaqueLength;
        int verifyAt = signatureAt + SpdmConstants.SignatureSize;
        if (message.Length < verifyAt + SpdmConstants.HashSize) return SpdmFailure.Malformed;
        if (answer.Mutual != 0 || !SpdmNegotiation.SelectsVersion(message[SpdmKeyExchangeResponse.ByteSize..signatureAt])) return SpdmFailure.Unsupported;
        _transcript.StartHandshake(CertificateChain.Span, _sent, message[..signatureAt]);
        ReadOnlySpan<byte> signature = message[signatureAt..verifyAt];
        if (!verifier.Verify(CertificateChain.Span, SpdmSigning.Message(SpdmConstants.Version12, SpdmSigning.KeyExchange, _transcript.HashHandshake()), signature))
            return SpdmFailure.NotAuthentic;
        _transcript.AddHandshake(signature);
        if (!_exchange!.TryAgree(answer.ExchangeData, out byte[] secret)) return SpdmFailure.NotAuthentic;
        byte[] th1 = _transcript.HashHandshake();
        uint id = ((uint)answer.SessionId << 16) | ushort.MaxValue;
        _session = new SpdmSession(id, isRequester: true, SpdmConstants.Version12, secret, th1);
        ReadOnlySpan<byte> proof = message.Slice(verifyAt, SpdmConstants.HashSize);
        if (!CryptographicOperations.FixedTimeEquals(proof, _session.ResponderVerifyData(th1))) return SpdmFailure.NotAuthentic;
        _transcript.AddHandshake(proof);
        byte[] header = SpdmNegotiation.Header(SpdmMessage.Finish);
        _transcript.AddHandshake(header);
        byte[] verifyData = _session.RequesterVerifyData(_transcript.HashHandshake());
        _transcript.AddHandshake(verifyData);
        Begin(isSecured: true, [.. header, .. verifyData], OnFinish);
        return SpdmFailure.None;
    }

    private SpdmFailure OnFinish(ReadOnlyMemory<byte> response)
    {
        SpdmFailure failure = Expect(response, SpdmMessage.FinishRsp);
        if (failure != SpdmFailure.None) return failure;
        _transcript.AddHandshake(response.Span);
        _session!.Establish(_transcript.HashHandshake());
        return SpdmFailure.None;
    }

    private SpdmFailure OnKeyUpdate(ReadOnlyMemory<byte> response)
    {
        SpdmFailure failure = Expect(response, SpdmMessage.KeyUpdateAck, _sent);
        if (failure != SpdmFailure.None) return failure;
        _session!.UpdateRequest();
        Begin(isSecured: true, SpdmNegotiation.Header(SpdmMessage.KeyUpdate, (byte)KeyUpdateOperation.VerifyNewKey), r => Expect(r, SpdmMessage.KeyUpdateAck, _sent));
        return SpdmFailure.None;
    }

    private static SpdmFailure Expect(ReadOnlyMemory<byte> response, SpdmMessage code, ReadOnlySpan<byte> request) =>
        Expect(response, code) == SpdmFailure.None && response.Span[2..].SequenceEqual(request[2..SpdmHeader.ByteSize]) ? SpdmFailure.None : SpdmFailure.Malformed;
}
