using TeeIo.Pci.SpdmVendor;

namespace TeeIo.Pci.Spdm;

/// <summary>The trusted firmware's end of an SPDM session with a device, as conversations of DOE objects. It never reaches the device itself: the host carries each object.</summary>
public interface ISpdmRequester
{
    /// <summary>Whether a session is up.</summary>
    bool IsUp { get; }

    /// <summary>What both ends have settled on; null before that.</summary>
    SpdmSuite? Suite { get; }

    /// <summary>The device's certificate chain, once connected.</summary>
    ReadOnlyMemory<byte> Certificates { get; }

    /// <summary>The device's measurements, once connected.</summary>
    ReadOnlyMemory<byte> Measurements { get; }

    /// <summary>Connects: from the version to a session, with certificates and measurements collected.</summary>
    IEnumerable<byte[]> Connect(DeviceExchange exchange);

    /// <summary>Collects the measurements again.</summary>
    /// <param name="exchange">The relay.</param>
    /// <param name="nonce">What makes them fresh for whoever chose it; empty for a random one.</param>
    IEnumerable<byte[]> Measure(DeviceExchange exchange, ReadOnlyMemory<byte> nonce = default);

    /// <summary>Keeps the session alive.</summary>
    IEnumerable<byte[]> Heartbeat(DeviceExchange exchange);

    /// <summary>Changes the session's keys.</summary>
    IEnumerable<byte[]> UpdateKeys(DeviceExchange exchange);

    /// <summary>Ends the session.</summary>
    IEnumerable<byte[]> End(DeviceExchange exchange);

    /// <summary>Wraps a message of a PCI-SIG protocol into a record of the session.</summary>
    byte[] Seal(PciProtocol protocol, ReadOnlySpan<byte> message);

    /// <summary>Takes a message of a PCI-SIG protocol out of a record of the session.</summary>
    /// <returns>False where the record isn't the session's next one or carries something else.</returns>
    bool TryOpen(PciProtocol protocol, ReadOnlySpan<byte> record, out byte[] message);

    /// <summary>Gives the session up without a word, because a record of it was lost.</summary>
    void Abandon();
}
