using TeeIo.Pci.IdeKm;
using TeeIo.Pci.SpdmVendor;
using TeeIo.Tdx.Status;

namespace TeeIo.Tdx.Module.Devices;

/// <summary>An IDE stream between a root port and a device. The module makes its keys, puts one end into the port and the other, through the session, into the device.</summary>
/// <param name="id">Its id, also on the link.</param>
/// <param name="session">The session with the device.</param>
/// <param name="pages">Its metadata pages.</param>
/// <param name="firstRid">The first requester id behind it.</param>
/// <param name="lastRid">The last one.</param>
/// <param name="port">The root port's end.</param>
/// <param name="random">Where keys come from.</param>
internal sealed class IdeStreamContext(byte id, SpdmContext session, ulong[] pages, ushort firstRid, ushort lastRid, IRootPortStreams port, Random random)
{
    private byte _keySet;

    public byte Id { get; } = id;

    public SpdmContext Session { get; } = session;

    public ulong[] Pages { get; } = pages;

    public ushort FirstRid { get; } = firstRid;

    public ushort LastRid { get; } = lastRid;

    public IdeStreamState State { get; private set; }

    /// <summary>How many TDIs are on it.</summary>
    public int TdiCount { get; set; }

    public bool Covers(ushort rid) => rid >= FirstRid && rid <= LastRid;

    public bool Overlaps(ushort firstRid, ushort lastRid) => firstRid <= LastRid && FirstRid <= lastRid;

    /// <summary>Asks the device what it can do, programs the first key set and starts it.</summary>
    public IEnumerable<byte[]> SetUp(Exchange exchange)
    {
        byte[] query = new byte[IdeKmQuery.ByteSize];
        new IdeKmQuery { Header = new() { ObjectId = IdeKmObject.Query } }.Write(query);
        yield return Session.Seal(PciProtocol.IdeKm, query);
        if (!Check(exchange, static message => IdeKmQueryResponse.TryRead(message, out IdeKmQueryResponse answer) && answer.Header.ObjectId == IdeKmObject.QueryResp)) yield break;
        foreach (byte[] message in UseKeySet(exchange, keySet: 0)) yield return message;
    }

    /// <summary>Programs the other key set and changes to it.</summary>
    public IEnumerable<byte[]> Refresh(Exchange exchange) => UseKeySet(exchange, (byte)(_keySet ^ 1));

    /// <summary>Stops the device's use of the keys.</summary>
    public IEnumerable<byte[]> Stop(Exchange exchange)
    {
        foreach ((IdeSubStream subStream, IdeDirection direction) in Keys())
        {
            yield return Seal(IdeKmObject.KSetStop, _keySet, direction, subStream);
            if (!Check(exchange, message => IsAcknowledged(message, direction, subStream))) yield break;
        }

        State = IdeStreamState.Stopped;
    }

    public void Block()
    {
        port.Block(Id);
        State = IdeStreamState.Blocked;
    }

    public void Close() => port.Close(Id);

    private IEnumerable<byte[]> UseKeySet(Exchange exchange, byte keySet)
    {
        foreach ((IdeSubStream subStream, IdeDirection direction) in Keys())
        {
            byte[] key = new byte[IdeKmConstants.KeySize];
            random.NextBytes(key);
            port.Program(Id, keySet, direction == IdeDirection.Rx ? IdeDirection.Tx : IdeDirection.Rx, subStream, key);
            byte[] program = ProgramKey(key, keySet, direction, subStream);
            yield return Session.Seal(PciProtocol.IdeKm, program);
            if (!Check(exchange, message => IsProgrammed(message, direction, subStream))) yield break;
        }

        // The receivers first, so that nothing arrives that can't be read.
        foreach ((IdeSubStream subStream, IdeDirection direction) in Keys())
        {
            yield return Seal(IdeKmObject.KSetGo, keySet, direction, subStream);
            if (!Check(exchange, message => IsAcknowledged(message, direction, subStream))) yield break;
        }

        port.Enable(Id, keySet);
        _keySet = keySet;
        State = IdeStreamState.Enabled;
    }

    private bool Check(Exchange exchange, Func<byte[], bool> isExpected)
    {
        if (!Session.TryOpen(PciProtocol.IdeKm, exchange, out byte[] message)) return false;
        if (isExpected(message)) return true;
        exchange.Fail(TdxStatus.IdekmInvalidResponse);
        return false;
    }

    private byte[] Seal(IdeKmObject code, byte keySet, IdeDirection direction, IdeSubStream subStream)
    {
        byte[] bytes = new byte[IdeKmKey.ByteSize];
        new IdeKmKey { Header = new() { ObjectId = code }, StreamId = Id, KeySet = keySet, Direction = direction, SubStream = subStream }.Write(bytes);
        return Session.Seal(PciProtocol.IdeKm, bytes);
    }

    private byte[] ProgramKey(byte[] key, byte keySet, IdeDirection direction, IdeSubStream subStream)
    {
        var message = new IdeKmKeyProg
        {
            Header = new() { ObjectId = IdeKmObject.KeyProg },
            StreamId = Id,
            KeySet = keySet,
            Direction = direction,
            SubStream = subStream,
            IfvLow = IdeKmConstants.InitialIfv,
        };
        OnTheWire(key).CopyTo((Span<byte>)message.Key);
        byte[] bytes = new byte[IdeKmKeyProg.ByteSize];
        message.Write(bytes);
        return bytes;
    }

    private bool IsProgrammed(byte[] message, IdeDirection direction, IdeSubStream subStream) =>
        IdeKmKpAck.TryRead(message, out IdeKmKpAck ack) && ack.Header.ObjectId == IdeKmObject.KpAck && ack.Status == KpAckStatus.Success
        && ack.StreamId == Id && ack.Direction == direction && ack.SubStream == subStream;

    private bool IsAcknowledged(byte[] message, IdeDirection direction, IdeSubStream subStream) =>
        IdeKmKey.TryRead(message, out IdeKmKey key) && key.Header.ObjectId == IdeKmObject.KGostopAck
        && key.StreamId == Id && key.Direction == direction && key.SubStream == subStream;

    private static IEnumerable<(IdeSubStream SubStream, IdeDirection Direction)> Keys()
    {
        IdeDirection[] directions = [IdeDirection.Rx, IdeDirection.Tx];
        IdeSubStream[] subStreams = [IdeSubStream.Pr, IdeSubStream.Npr, IdeSubStream.Cpl];
        return directions.SelectMany(direction => subStreams.Select(subStream => (subStream, direction)));
    }

    private static byte[] OnTheWire(byte[] key)
    {
        byte[] wire = [.. key];
        for (int i = 0; i < wire.Length; i += IdeKmConstants.KeyGroupSize) wire.AsSpan(i, IdeKmConstants.KeyGroupSize).Reverse();
        return wire;
    }
}
