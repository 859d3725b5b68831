using TeeIo.Pci.Spdm;
using TeeIo.Pci.SpdmVendor;

namespace TeeIo.Sdk.Tests.Hostile;

/// <summary>A session without encryption: the device at its other end has the keys, so what it sends comes through whatever it is.</summary>
internal sealed class PlainChannel : ISpdmChannel
{
    public byte[] Seal(PciProtocol protocol, ReadOnlySpan<byte> message) => message.ToArray();

    public bool TryOpen(PciProtocol protocol, DeviceExchange exchange, out byte[] message)
    {
        message = exchange.Response.ToArray();
        return true;
    }
}
