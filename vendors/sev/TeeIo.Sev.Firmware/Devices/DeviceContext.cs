using System.Security.Cryptography;
using TeeIo.Pci.IdeKm;
using TeeIo.Pci.Spdm;
using TeeIo.Pci.SpdmVendor;
using TeeIo.Sev.Psp;

namespace TeeIo.Sev.Firmware.Devices;

/// <summary>A device with its DSM: the session, the IDE stream, and the TDIs that were made of it.</summary>
/// <param name="id">The address of its context, which is its name.</param>
/// <param name="pages">Its context's pages.</param>
/// <param name="create">Where it is.</param>
/// <param name="requester">The firmware's end of the session.</param>
/// <param name="bounce">How messages reach the device.</param>
/// <param name="port">The root port's end of the stream.</param>
/// <param name="random">Where keys come from.</param>
internal sealed class DeviceContext(ulong id, ulong[] pages, TioDevCreate create, ISpdmRequester requester, Bounce bounce, IRootPortStreams port, Random random) : ISpdmChannel
{
    private IdeStreamKeys? _keys;

    public ulong Id { get; } = id;

    public ulong[] Pages { get; } = pages;

    public ushort DeviceId { get; } = create.DeviceId;

    public byte SegmentId { get; } = create.SegmentId;

    public ushort RootPortId { get; } = create.RootPortId;

    public Bounce Bounce { get; } = bounce;

    public DeviceState State { get; private set; }

    /// <summary>Whether the session is up.</summary>
    public bool HasSession => requester.IsUp;

    /// <summary>Its IDE stream, of traffic class 0.</summary>
    public byte StreamId { get; private set; } = TioFirmwareConstants.IdeStreamUnused;

    public List<TdiContext> Tdis { get; } = [];

    public IEnumerable<TdiContext> BoundTdis => Tdis.Where(tdi => tdi.Guest is not null);

    public ReadOnlyMemory<byte> Certificates => requester.Certificates;

    public ReadOnlyMemory<byte> Measurements => requester.Measurements;

    /// <summary>SHA-384 of the certificates as they stand in the output object.</summary>
    public byte[] CertificatesDigest { get; private set; } = [];

    /// <summary>SHA-384 of the measurements as they stand in the output object.</summary>
    public byte[] MeasurementsDigest { get; private set; } = [];

    /// <summary>How often TIO_DEV_MEASUREMENTS has collected the measurements.</summary>
    public long Collections { get; private set; }

    /// <summary>The algorithms of its session.</summary>
    public SpdmAlgos Algorithms { get; private set; }

    /// <summary>Connects over a stream whose registers the host has set up at both ends; the firmware brings the keys. What fails leaves nothing behind.</summary>
    public IEnumerable<byte[]> Connect(DeviceExchange exchange, byte streamId)
    {
        StreamId = streamId;
        foreach (byte[] message in requester.Connect(exchange)) yield return message;
        SpdmAlgos? algorithms = exchange.HasFailed ? null : SessionAlgorithms.Of(requester.Suite);
        if (algorithms is null) exchange.Fail(DeviceFailure.BadSpdm, $"the firmware has no number for an algorithm of {requester.Suite}");
        if (!exchange.HasFailed)
        {
            _keys = new IdeStreamKeys(streamId, this, port, random);
            foreach (byte[] message in _keys.SetUp(exchange)) yield return message;
        }

        if (exchange.HasFailed)
        {
            Disconnect();
            State = DeviceState.Created;
            yield break;
        }

        State = DeviceState.Connected;
        Algorithms = algorithms!.Value;
        CertificatesDigest = SHA384.HashData(Certificates.Span);
        MeasurementsDigest = SHA384.HashData(Measurements.Span);
    }

    public IEnumerable<byte[]> Measure(DeviceExchange exchange, byte[] nonce)
    {
        bool hasNonce = nonce.AsSpan().IndexOfAnyExcept((byte)0) >= 0;
        foreach (byte[] message in requester.Measure(exchange, hasNonce ? nonce : default)) yield return message;
        if (exchange.HasFailed) yield break;
        MeasurementsDigest = SHA384.HashData(Measurements.Span);
        Collections++;
    }

    public IEnumerable<byte[]> RollKeys(DeviceExchange exchange) => _keys!.Refresh(exchange);

    /// <summary>Stops the keys and ends the session; then there is neither.</summary>
    /// <param name="exchange">The relay.</param>
    /// <param name="isForced">Whether a device that doesn't answer is no reason to stay connected.</param>
    public IEnumerable<byte[]> Disconnect(DeviceExchange exchange, bool isForced)
    {
        DeviceExchange attempt = isForced ? new DeviceExchange() : exchange;
        if (HasSession)
        {
            foreach (byte[] message in Relay(_keys!.Stop(attempt), exchange, attempt)) yield return message;
        }

        if (HasSession && !attempt.HasFailed)
        {
            foreach (byte[] message in Relay(requester.End(attempt), exchange, attempt)) yield return message;
        }

        if (exchange.HasFailed) yield break;
        Disconnect();
    }

    /// <summary>Gives session and stream up without a word to the device. Nothing of the stream passes the root port any more; its registers are the host's to free.</summary>
    public void Disconnect()
    {
        requester.Abandon();
        if (StreamId != TioFirmwareConstants.IdeStreamUnused) port.Block(StreamId);
        (StreamId, State, _keys) = (TioFirmwareConstants.IdeStreamUnused, DeviceState.Disconnected, null);
    }

    /// <summary>Drops a command whose answer will never come. The session's sequence is lost with it.</summary>
    public void AbortBounce()
    {
        if (Bounce.Abort()) requester.Abandon();
    }

    /// <inheritdoc/>
    public byte[] Seal(PciProtocol protocol, ReadOnlySpan<byte> message) => requester.Seal(protocol, message);

    /// <inheritdoc/>
    public bool TryOpen(PciProtocol protocol, DeviceExchange exchange, out byte[] message)
    {
        if (requester.TryOpen(protocol, exchange.Response.Span, out message)) return true;
        exchange.Fail(DeviceFailure.BadSpdm);
        return false;
    }

    /// <summary>Hands each answer on to <paramref name="attempt"/>, which may fail without failing the relay.</summary>
    internal static IEnumerable<byte[]> Relay(IEnumerable<byte[]> conversation, DeviceExchange exchange, DeviceExchange attempt)
    {
        foreach (byte[] message in conversation)
        {
            yield return message;
            attempt.Response = exchange.Response;
        }
    }
}
