using TeeIo.Pci.Spdm;
using TeeIo.Pci.SpdmVendor;

namespace TeeIo.Spdm.Tests.Ends;

/// <summary>What stands behind a responder: three measurements, and a protocol that says again what it is told.</summary>
internal sealed class Device(SpdmSlot slot) : ISpdmIdentity, ISpdmProtocols
{
    private static readonly SpdmMeasurement[] s_measured =
    [
        new(1, MeasurementType.ImmutableRom, new byte[] { 0x5A }), new(2, MeasurementType.MutableFirmware, new byte[] { 1, 2 }, IsRaw: true), new(5, MeasurementType.FirmwareConfiguration, new byte[] { 3 }),
    ];

    /// <inheritdoc/>
    public IReadOnlyList<SpdmSlot> Slots { get; } = [slot];

    /// <summary>What came in through the session, in its order.</summary>
    public List<byte[]> Heard { get; } = [];

    /// <summary>Whether what comes in is kept.</summary>
    public bool IsListening { get; set; } = true;

    /// <inheritdoc/>
    public IReadOnlyList<SpdmMeasurement> Measure() => s_measured;

    /// <inheritdoc/>
    public int Answer(uint sessionId, PciProtocol protocol, ReadOnlySpan<byte> message, Span<byte> response)
    {
        if (protocol != PciProtocol.Tdisp || message.Length > response.Length) return 0;
        if (IsListening) Heard.Add(message.ToArray());
        message.CopyTo(response);
        return message.Length;
    }

    /// <inheritdoc/>
    public void SessionEnded(uint sessionId)
    {
    }
}
