using TeeIo.Pci.IdeKm;
using TeeIo.Pci.Spdm;

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
    private readonly IdeStreamKeys _keys = new(id, session, port, random);

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

    /// <summary>Programs the first key set and starts it.</summary>
    public IEnumerable<byte[]> SetUp(DeviceExchange exchange) => Then(IdeStreamState.Enabled, exchange, _keys.SetUp(exchange));

    /// <summary>Programs the other key set and changes to it.</summary>
    public IEnumerable<byte[]> Refresh(DeviceExchange exchange) => _keys.Refresh(exchange);

    /// <summary>Stops the device's use of the keys.</summary>
    public IEnumerable<byte[]> Stop(DeviceExchange exchange) => Then(IdeStreamState.Stopped, exchange, _keys.Stop(exchange));

    public void Block()
    {
        port.Block(Id);
        State = IdeStreamState.Blocked;
    }

    public void Close() => port.Close(Id);

    private IEnumerable<byte[]> Then(IdeStreamState state, DeviceExchange exchange, IEnumerable<byte[]> conversation)
    {
        foreach (byte[] message in conversation) yield return message;
        if (!exchange.HasFailed) State = state;
    }
}
