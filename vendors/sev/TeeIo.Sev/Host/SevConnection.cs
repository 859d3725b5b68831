using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Sev.Psp;
using TeeIo.Tsm;

namespace TeeIo.Sev.Host;

/// <summary>A device that the firmware knows: its context, the buffers of its conversations, the session and the IDE stream that its TDIs share. The caller holds the DSM's lock.</summary>
internal sealed class SevConnection
{
    private readonly SevFirmware _firmware;
    private readonly IIdeStreams _streams;
    private readonly TsmFunction _function;
    private readonly SlaPages _context;
    private readonly SpdmBuffers _buffers;
    private bool _isCreated;
    private bool _hasStream;
    private bool _mayBeConnected;

    private SevConnection(SevFirmware firmware, IIdeStreams streams, TsmFunction function, byte streamId, SlaPages context, SpdmBuffers buffers)
    {
        (_firmware, _streams, _function, StreamId, _context, _buffers) = (firmware, streams, function, streamId, context, buffers);
        Relay = new SpdmRelay(function.Mailbox!, buffers, IsWaiting);
    }

    /// <summary>The device's name in commands.</summary>
    public DevCtxId Id => new(_context.Address);

    /// <summary>Id of its IDE stream.</summary>
    public byte StreamId { get; }

    /// <summary>What carries the firmware's messages to the device.</summary>
    public SpdmRelay Relay { get; }

    /// <summary>Its certificates as the firmware gave them at connect.</summary>
    public byte[] Certificates { get; private set; } = [];

    /// <summary>Its measurements as the firmware gave them last.</summary>
    public byte[] Measurements { get; private set; } = [];

    /// <summary>Connects; what was made is gone again where a step fails.</summary>
    public static SysResult Open(
        SevFirmware firmware, IPciTopology topology, IIdeStreams streams, TsmFunction function, byte streamId, TioSizes sizes, out SevConnection? connection)
    {
        connection = null;
        if (SlaPages.Take(firmware, sizes.DeviceContext, isFirmware: true) is not { } context) return Errno.ENOSPC;
        if (SpdmBuffers.Take(firmware, sizes) is not { } buffers)
        {
            context.Return();
            return Errno.ENOSPC;
        }

        var candidate = new SevConnection(firmware, streams, function, streamId, context, buffers);
        SysResult result = candidate.Create(topology);
        if (result.IsOk) result = candidate.OpenStream(topology);
        if (result.IsOk) result = candidate.Connect();
        if (result.IsOk) result = candidate.Measure(default).Result;
        if (result.IsOk) result = streams.Enable(function.Address, streamId);
        if (result.IsOk) connection = candidate;
        else candidate.Close();
        return result;
    }

    /// <summary>Collects the measurements.</summary>
    /// <param name="nonce">What makes them fresh; empty or zero for nothing.</param>
    public RelayOutcome Measure(ReadOnlySpan<byte> nonce)
    {
        var command = new TioDevMeasurements { DevCtxSla = Id, Flags = TioMeasurementFlags.RawBitstream };
        nonce.CopyTo(command.MeasNonce);
        RelayOutcome outcome = Relay.Run(buffers =>
        {
            TioDevMeasurements sent = command;
            sent.SpdmCtrl = buffers;
            return _firmware.Tio.TryDevMeasurements(sent);
        });
        if (!outcome.IsOk) return outcome;
        if (!Relay.TryReadOutput(DobjId.Measurement, _function.Address, out byte[] measurements)) return outcome with { Result = Errno.EIO };
        Measurements = measurements;
        return outcome;
    }

    /// <summary>Gives the stream new keys.</summary>
    public SysResult RollKeys() => Relay.Run(buffers => _firmware.Tio.TryRollKey(new TioRollKey { SpdmCtrl = buffers, DevCtxSla = Id })).Result;

    /// <summary>Disconnects. A device that doesn't answer is given up by force; what the firmware doesn't give up then stays with it for good.</summary>
    /// <returns>EIO where either happened.</returns>
    public SysResult Close()
    {
        bool disconnected = !_mayBeConnected || Disconnect(TioForceFlags.None) || Disconnect(TioForceFlags.Force);
        bool reclaimed = !_isCreated || _firmware.Tio.TryDevReclaim(new TioDevReclaim { DevCtxSla = Id }) == SevRet.Success;
        if (_hasStream) _streams.Close(_function.Address, StreamId);
        bool all = _buffers.Return();
        if (reclaimed) all &= _context.Return();
        else _context.Quarantine("the firmware did not give up a device");
        return disconnected && reclaimed && all ? SysResult.Ok : Errno.EIO;
    }

    private SysResult Create(IPciTopology topology)
    {
        SevRet status = _firmware.Tio.TryDevCreate(new TioDevCreate
        {
            DevCtxSla = Id,
            DeviceId = _function.Address.RequesterId,
            RootPortId = topology.RootPortNumberOf(_function.Address),
            SegmentId = (byte)_function.Address.Segment,
        });
        _isCreated = status == SevRet.Success;
        return _isCreated ? SysResult.Ok : Errno.EIO;
    }

    private SysResult OpenStream(IPciTopology topology)
    {
        SysResult result = _streams.Open(_function.Address, StreamId, _function.Address.RequesterId, topology.LastRequesterId(_function.Address));
        _hasStream = result.IsOk;
        return result.IsOk ? SysResult.Ok : Errno.ENOSPC;
    }

    private SysResult Connect()
    {
        // The device may have connected even where its last answer got lost.
        _mayBeConnected = true;
        RelayOutcome outcome = Relay.Run(buffers =>
        {
            var command = new TioDevConnect { SpdmCtrl = buffers, DevCtxSla = Id, TcMask = 1 };
            Span<byte> streams = command.IdeStreamId;
            streams.Fill(TioFirmwareConstants.IdeStreamUnused);
            streams[0] = StreamId;
            return _firmware.Tio.TryDevConnect(command);
        });
        if (!outcome.IsOk) return outcome.Result;
        if (!Relay.TryReadOutput(DobjId.Certificate, _function.Address, out byte[] certificates)) return Errno.EIO;
        Certificates = certificates;
        return SysResult.Ok;
    }

    /// <summary>Whether the firmware waits for the device on behalf of some command. Where it can't be asked, nobody knows of one.</summary>
    private bool IsWaiting()
    {
        byte[] record = new byte[TioDevStatus.ByteSize];
        SevRet read = _firmware.Pages.Read(page => _firmware.Tio.TryDevStatus(new TioDevStatusCmd { DevCtxSla = Id, StatusPaddr = page }), record);
        return read == SevRet.Success && TioDevStatus.TryRead(record, out TioDevStatus status) && status.P1Flags != DevPendingFlags.None;
    }

    /// <returns>Whether the device isn't connected any more; it never was where the firmware says so.</returns>
    private bool Disconnect(TioForceFlags flags)
    {
        RelayOutcome outcome = Relay.Run(buffers => _firmware.Tio.TryDevDisconnect(new TioDevDisconnect { SpdmCtrl = buffers, DevCtxSla = Id, Flags = flags }));
        return outcome.IsOk || outcome.Status == SevRet.InvalidDevState;
    }
}
