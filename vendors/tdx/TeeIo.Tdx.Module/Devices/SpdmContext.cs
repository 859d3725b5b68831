using System.Security.Cryptography;
using TeeIo.Pci.Spdm;
using TeeIo.Pci.SpdmVendor;
using TeeIo.Tdx.DevInfo;

namespace TeeIo.Tdx.Module.Devices;

/// <summary>An SPDM session with the DSM of a physical function.</summary>
/// <param name="id">Its id.</param>
/// <param name="functionId">The physical function.</param>
/// <param name="pages">Its metadata pages.</param>
/// <param name="requester">The module's end of it.</param>
/// <param name="relay">How its messages reach the device.</param>
internal sealed class SpdmContext(ulong id, uint functionId, ulong[] pages, ISpdmRequester requester, Relay relay) : ISpdmChannel
{
    private int _records;

    public ulong Id { get; } = id;

    public uint FunctionId { get; } = functionId;

    public ulong[] Pages { get; } = pages;

    public ISpdmRequester Requester { get; } = requester;

    public Relay Relay { get; } = relay;

    public SpdmState State { get; private set; }

    /// <summary>How many IDE streams exist under it.</summary>
    public int StreamCount { get; set; }

    /// <summary>What the host hands on to guests, who compare its hash.</summary>
    public byte[] DeviceInfo { get; private set; } = [];

    public byte[] DeviceInfoHash { get; private set; } = [];

    /// <summary>Records since the keys were new.</summary>
    public int RecordsSinceUpdate => _records;

    public bool IsConnected => State == SpdmState.Connected && Requester.IsUp;

    public IEnumerable<byte[]> Connect(DeviceExchange exchange)
    {
        foreach (byte[] message in Requester.Connect(exchange)) yield return message;
        if (exchange.HasFailed) yield break;
        State = SpdmState.Connected;
        Collect();
    }

    public IEnumerable<byte[]> Recollect(DeviceExchange exchange)
    {
        foreach (byte[] message in Counted(Requester.Measure(exchange))) yield return message;
        if (!exchange.HasFailed) Collect();
    }

    public IEnumerable<byte[]> Heartbeat(DeviceExchange exchange) => Counted(Requester.Heartbeat(exchange));

    public IEnumerable<byte[]> UpdateKeys(DeviceExchange exchange)
    {
        foreach (byte[] message in Requester.UpdateKeys(exchange)) yield return message;
        if (!exchange.HasFailed) _records = 0;
    }

    public IEnumerable<byte[]> Disconnect(DeviceExchange exchange)
    {
        if (IsConnected)
        {
            foreach (byte[] message in Requester.End(exchange)) yield return message;
        }

        State = SpdmState.Disconnected;
    }

    /// <summary>Wraps a message of a protocol.</summary>
    public byte[] Seal(PciProtocol protocol, ReadOnlySpan<byte> message)
    {
        _records++;
        return Requester.Seal(protocol, message);
    }

    /// <summary>Unwraps the answer; a wrong record is the end of the session.</summary>
    public bool TryOpen(PciProtocol protocol, DeviceExchange exchange, out byte[] message)
    {
        if (Requester.TryOpen(protocol, exchange.Response.Span, out message)) return true;
        exchange.Fail(DeviceFailure.BadSpdm);
        return false;
    }

    /// <summary>Drops a conversation whose answer will never come. The session's sequence is lost with it.</summary>
    public void AbortRelay()
    {
        if (!Relay.Abort()) return;
        Requester.Abandon();
    }

    private IEnumerable<byte[]> Counted(IEnumerable<byte[]> messages)
    {
        foreach (byte[] message in messages)
        {
            _records++;
            yield return message;
        }
    }

    /// <summary>The device information in our own layout: the real one is public nowhere.</summary>
    private void Collect()
    {
        byte[] info = new byte[TdxDevInfo.ByteSize + Requester.Certificates.Length + Requester.Measurements.Length];
        new TdxDevInfo { CertificatesLength = (uint)Requester.Certificates.Length, MeasurementsLength = (uint)Requester.Measurements.Length }.Write(info);
        Requester.Certificates.Span.CopyTo(info.AsSpan(TdxDevInfo.ByteSize));
        Requester.Measurements.Span.CopyTo(info.AsSpan(TdxDevInfo.ByteSize + Requester.Certificates.Length));
        DeviceInfo = info;
        DeviceInfoHash = SHA384.HashData(info);
    }
}
