using System.Buffers;
using TeeIo.Pci.SpdmVendor;

namespace TeeIo.Pci.Spdm;

/// <summary>The requester's end of an SPDM connection, as conversations: each yields the packets that go out, and finds the answers in the relay. It knows no transport and no clock.</summary>
/// <remarks>One session at a time. An answer that isn't the session's next record, or comes in the clear, ends the session. Sealing into a span and opening to one
/// allocate nothing.</remarks>
public sealed partial class SpdmRequester : ISpdmRequester, IDisposable
{
    private readonly ISpdmVerifier _verifier;
    private readonly Random _random;
    private readonly SpdmRequesterOptions _options;
    private readonly SpdmConnection _connection = new();
    private readonly SpdmWriter _request = new();
    private readonly ArrayBufferWriter<byte> _measured = new();
    private byte[] _text = [];
    private ReadOnlyMemory<byte> _response;
    private SpdmPublicKey? _peer;
    private SpdmSession? _session;

    /// <summary>A requester that hasn't spoken to anybody yet.</summary>
    /// <param name="verifier">Says whom to trust.</param>
    /// <param name="random">Where keys and nonces come from. Whether that is good enough for secrets is its owner's affair.</param>
    /// <param name="options">What it says of itself.</param>
    public SpdmRequester(ISpdmVerifier verifier, Random random, SpdmRequesterOptions? options = null) => (_verifier, _random, _options) = (verifier, random, options ?? new());

    /// <inheritdoc/>
    public bool IsUp => _session is { IsEstablished: true, IsDead: false };

    /// <summary>The session's id; 0 without one.</summary>
    public uint SessionId => _session?.Id ?? 0;

    /// <summary>How far the connection has come.</summary>
    public SpdmConnectionState State => _connection.State;

    /// <inheritdoc/>
    public SpdmSuite? Suite => State < SpdmConnectionState.Negotiated ? null : _connection.Suite;

    /// <summary>What the responder says that it can do.</summary>
    public SpdmCapabilities ResponderCapabilities => _connection.ResponderCapabilities;

    /// <summary>Why the responder refused the last request; 0 where it didn't.</summary>
    public SpdmErrorCode ErrorCode { get; private set; }

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Certificates { get; private set; }

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Measurements { get; private set; }

    /// <summary>Seconds within which the responder wants to hear of the session; 0 for no limit.</summary>
    public byte HeartbeatPeriod { get; private set; }

    /// <inheritdoc/>
    public IEnumerable<byte[]> Connect(DeviceExchange exchange) =>
        Sequence(exchange, Negotiate, ReadDigests, ReadCertificates, e => Measure(e), StartSession);

    /// <inheritdoc/>
    public byte[] Seal(PciProtocol protocol, ReadOnlySpan<byte> message)
    {
        byte[] packet = new byte[PacketSize(message.Length)];
        int length = Seal(protocol, message, packet);
        return length == packet.Length ? packet : packet[..length];
    }

    /// <summary>Bytes of the largest packet around a message of a protocol.</summary>
    /// <exception cref="InvalidOperationException">No session is up.</exception>
    public int PacketSize(int messageLength) => _options.Binding.PacketSize(Session.RecordSize(SpdmVendorDefined.ByteSize + messageLength));

    /// <summary>Wraps a message of a PCI-SIG protocol into a packet with the session's next record.</summary>
    /// <param name="protocol">The protocol.</param>
    /// <param name="message">The message.</param>
    /// <param name="packet">Receives the packet; has room for <see cref="PacketSize"/>.</param>
    /// <returns>Bytes of the packet.</returns>
    /// <exception cref="InvalidOperationException">No session is up.</exception>
    public int Seal(PciProtocol protocol, ReadOnlySpan<byte> message, Span<byte> packet)
    {
        SpdmSession session = Session;
        _request.Begin();
        SpdmVendorMessage.WriteHead(_request.Take(SpdmVendorDefined.ByteSize), _connection.Version, SpdmMessage.VendorDefinedRequest, protocol, message.Length);
        _request.Write(message);
        _options.Tap?.Message(isRequest: true, session.Id, _request.Written);
        int length = session.Seal(_request.Written, packet[_options.Binding.HeaderSize..]);
        return _options.Binding.Wrap(packet, length, isSecured: true);
    }

    /// <inheritdoc/>
    public bool TryOpen(PciProtocol protocol, ReadOnlySpan<byte> record, out byte[] message)
    {
        bool isOpen = TryOpen(protocol, record, out ReadOnlySpan<byte> content);
        message = content.ToArray();
        return isOpen;
    }

    /// <summary>Takes a message of a PCI-SIG protocol out of a packet with the session's next record.</summary>
    /// <param name="protocol">The protocol.</param>
    /// <param name="packet">The packet.</param>
    /// <param name="message">The message, until the next call.</param>
    /// <returns>False where the record isn't the session's next one, which ends it, the responder refused, or it carries something else.</returns>
    public bool TryOpen(PciProtocol protocol, ReadOnlySpan<byte> packet, out ReadOnlySpan<byte> message)
    {
        message = default;
        if (!IsUp || !TryUnwrap(packet, isSecured: true, out ReadOnlySpan<byte> content)) return false;
        if (!SpdmHeader.TryRead(content, out SpdmHeader header) || header.Version != _connection.Version) return false;
        ErrorCode = header.Code == SpdmMessage.Error ? (SpdmErrorCode)header.Param1 : 0;
        if (header.Code != SpdmMessage.VendorDefinedResponse) return false;
        return SpdmVendorMessage.TryUnwrap(content, out PciProtocol found, out message) && found == protocol;
    }

    /// <inheritdoc/>
    public void Abandon()
    {
        _session?.End();
        _session = null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Abandon();
        _peer?.Dispose();
        _peer = null;
    }

    private SpdmSession Session => IsUp ? _session! : throw new InvalidOperationException("No SPDM session is up; connect first.");

    /// <summary>One conversation after the other, until one fails.</summary>
    private static IEnumerable<byte[]> Sequence(DeviceExchange exchange, params Func<DeviceExchange, IEnumerable<byte[]>>[] conversations)
    {
        foreach (Func<DeviceExchange, IEnumerable<byte[]>> conversation in conversations)
        {
            foreach (byte[] packet in conversation(exchange)) yield return packet;
            if (exchange.HasFailed) yield break;
        }
    }

    /// <summary>Sends the request that was written, and waits for its response, which then stands in the field for it. Whoever is busy or not ready is asked again.</summary>
    private IEnumerable<byte[]> Ask(DeviceExchange exchange)
    {
        ArgumentNullException.ThrowIfNull(exchange);
        byte[] request = _request.Written.ToArray();
        SpdmHeader.TryRead(request, out SpdmHeader asked);
        var expected = (SpdmMessage)((byte)asked.Code & SpdmConstants.ResponseMask);
        SpdmRequestRule rule = SpdmRequestRule.Find(asked.Code)!;
        if (asked.Code != SpdmMessage.GetMeasurements) _measured.ResetWrittenCount();
        bool isSecured = _session is { IsDead: false };
        if (_connection.State >= SpdmConnectionState.AfterCapabilities && !_connection.Has(rule.RequesterNeeds, rule.ResponderNeeds))
        {
            exchange.Fail(DeviceFailure.BadSpdm, $"{asked.Code} needs {rule.ResponderNeeds} of the responder, which has {_connection.ResponderCapabilities}");
            yield break;
        }

        byte[] message = request;
        for (int i = 0; ; i++)
        {
            ErrorCode = 0;
            foreach (byte[] packet in Transfer(exchange, message, asked.Code, isSecured)) yield return packet;
            exchange.Delay = TimeSpan.Zero;
            if (exchange.HasFailed || !TryJudge(exchange, asked.Code, expected, isSecured, out SpdmHeader header)) break;
            if (header.Code == expected) yield break;
            ErrorCode = (SpdmErrorCode)header.Param1;
            bool isWaiting = i < _options.Retries && asked.Code != SpdmMessage.GetVersion;
            if (isWaiting && ErrorCode == SpdmErrorCode.Busy)
            {
                message = request;
                continue;
            }

            if (isWaiting && ErrorCode == SpdmErrorCode.ResponseNotReady && TryReadDelay(asked.Code, out TimeSpan delay, out byte token))
            {
                exchange.Delay = delay;
                message = [_connection.Version, (byte)SpdmMessage.RespondIfReady, (byte)asked.Code, token];
                continue;
            }

            if (ErrorCode == SpdmErrorCode.DecryptError) Abandon();
            exchange.Fail(DeviceFailure.BadSpdm, $"the responder refused {asked.Code}: {ErrorCode}");
            break;
        }

        _measured.ResetWrittenCount();
        if (_session is { IsEstablished: false }) Abandon();
    }

    private bool TryJudge(DeviceExchange exchange, SpdmMessage asked, SpdmMessage expected, bool isSecured, out SpdmHeader header)
    {
        bool isRead = SpdmHeader.TryRead(_response.Span, out header);
        bool isVersion = header.Version == _connection.Version || (header.Code == SpdmMessage.Error && header.Version == SpdmConstants.Version10 && !isSecured);
        if (isRead && isVersion && (header.Code == expected || header.Code == SpdmMessage.Error)) return true;
        exchange.Fail(DeviceFailure.BadSpdm, $"{asked} was answered with {header.Code} of version 0x{header.Version:X2}");
        return false;
    }

    private bool TryTakeResponse(DeviceExchange exchange, SpdmMessage asked, bool isSecured)
    {
        bool isOpen = TryUnwrap(exchange.Response.Span, isSecured, out ReadOnlySpan<byte> content);
        if (isOpen) _response = content.ToArray();
        else exchange.Fail(isSecured ? DeviceFailure.NotAuthentic : DeviceFailure.BadSpdm, $"the answer to {asked} isn't {(isSecured ? "the session's next record" : "one of SPDM")}");
        return isOpen;
    }

    private bool TryReadDelay(SpdmMessage asked, out TimeSpan delay, out byte token)
    {
        bool isRead = SpdmResponseNotReady.TryRead(_response.Span, out SpdmResponseNotReady deferred) && deferred.RequestCode == (byte)asked
            && deferred.RdtExponent <= SpdmConstants.MaxCtExponent && deferred.Rdtm >= SpdmConstants.MinDelayMultiple;
        delay = TimeSpan.FromMicroseconds(1L << deferred.RdtExponent);
        token = deferred.Token;
        return isRead;
    }

    private byte[] Pack(ReadOnlySpan<byte> message, bool isSecured)
    {
        _options.Tap?.Message(isRequest: true, isSecured ? _session!.Id : 0, message);
        if (!isSecured) return _options.Binding.Wrap(message, isSecured: false);
        byte[] record = new byte[_session!.RecordSize(message.Length)];
        return _options.Binding.Wrap(record.AsSpan(0, _session.Seal(message, record)), isSecured: true);
    }

    private bool TryUnwrap(ReadOnlySpan<byte> packet, bool isSecured, out ReadOnlySpan<byte> message)
    {
        bool isPacket = _options.Binding.TryUnwrap(packet, out bool isRecord, out message);
        bool isOpen = isPacket && isRecord == isSecured;
        if (isOpen && isSecured)
        {
            if (_text.Length < packet.Length) _text = new byte[2 * packet.Length];
            isOpen = _session!.TryOpen(message, _text, out message);
        }

        if (isOpen) _options.Tap?.Message(isRequest: false, isSecured ? _session!.Id : 0, message);

        // An answer in the clear to a record is as wrong as a record that doesn't open.
        else if (isSecured) Abandon();
        return isOpen;
    }
}
