using System.Globalization;
using System.Net;
using TeeIo.Pci.ModelDevice;
using TeeIo.Pci.Spdm;
using TeeIo.Pci.SpdmTransport;
using TeeIo.Pci.SpdmVendor;

namespace TeeIo.Cli.Spdm;

/// <summary>How an end was asked to speak.</summary>
internal sealed record SpdmSettings
{
    /// <summary>Seconds of the heartbeat period of a responder on a socket.</summary>
    private const byte HeartbeatPeriod = 60;

    /// <summary>Sessions that a responder on a socket has at a time.</summary>
    private const int Sessions = 4;

    /// <summary>One element: PCI-SIG's vendor id of the model device, with its device id and its class. A whole number of dwords: libspdm's requester takes the padding of a signed one for a part of it.</summary>
    private static readonly byte[] DeviceClass =
    [
        1, 0, 0, 0, 11, (byte)SpdmRegistry.PciSig, sizeof(ushort), ModelDeviceConstants.VendorId & 0xFF, ModelDeviceConstants.VendorId >> 8,
        2, sizeof(ushort), ModelDeviceConstants.DeviceId & 0xFF, ModelDeviceConstants.DeviceId >> 8, sizeof(ushort), ModelDeviceConstants.Class & 0xFF, ModelDeviceConstants.Class >> 8,
    ];

    public required EmulatorTransport Transport { get; init; }

    public required string TransportName { get; init; }

    public required SpdmBinding Binding { get; init; }

    public required IReadOnlyList<byte> Versions { get; init; }

    public required SpdmAlgorithmSet Algorithms { get; init; }

    public required int TransferSize { get; init; }

    public required int MessageSize { get; init; }

    public required SpdmPreSharedKey? PreSharedKey { get; init; }

    public required ISpdmTap? Tap { get; init; }

    public required FileInfo? Capture { get; init; }

    /// <exception cref="SpdmUsageException">It isn't an address and a port.</exception>
    public static IPEndPoint ParseAddress(string text) =>
        IPEndPoint.TryParse(text, out IPEndPoint? address) && text.Contains(':', StringComparison.Ordinal) ? address : throw new SpdmUsageException($"'{text}' isn't an address and a port, such as 127.0.0.1:{SpdmTransportConstants.EmulatorPort}");

    /// <exception cref="SpdmUsageException">It isn't a requester id.</exception>
    public static uint ParseFunction(string text)
    {
        string digits = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? text[2..] : text;
        return ushort.TryParse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ushort id) ? id : throw new SpdmUsageException($"'{text}' isn't a requester id; give its four hex digits, such as 0x100");
    }

    public PacketCapture? OpenCapture() => Capture is null ? null : new PacketCapture(Capture.FullName, Transport, TimeProvider.System);

    public SpdmRequesterOptions Requester(byte slot, SpdmSlot? own) => new()
    {
        Binding = Binding,
        Versions = Versions,
        Algorithms = Algorithms,
        DataTransferSize = TransferSize,
        MaxMessageSize = MessageSize,
        Tap = Tap,
        PreSharedKey = PreSharedKey,
        Identity = own is null ? null : new SlotIdentity(own),
        Slot = slot <= SpdmConstants.MaxSlot ? slot : throw new SpdmUsageException($"--slot is at most {SpdmConstants.MaxSlot}, not {slot}"),
    };

    public SpdmResponderOptions Responder(ISpdmVerifier? requesters) => new()
    {
        Binding = Binding,
        Versions = Versions,
        Algorithms = Algorithms,
        DataTransferSize = TransferSize,
        MaxMessageSize = MessageSize,
        Tap = Tap,
        RequesterVerifier = requesters,
        EndpointInfo = DeviceClass,
        PreSharedKeys = PreSharedKey is null ? [] : [PreSharedKey],
        HeartbeatPeriod = HeartbeatPeriod,
        Sessions = Sessions,
    };
}
