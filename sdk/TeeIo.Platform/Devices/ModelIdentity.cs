using System.Buffers.Binary;
using System.Text;
using TeeIo.Pci.Spdm;

namespace TeeIo.Platform.Devices;

/// <summary>Who a model device is: a chain of X.509 certificates that leads to <see cref="ModelAuthority.Root"/>, with keys made from a seed, and what all model devices are made of.</summary>
public sealed class ModelIdentity : ISpdmIdentity
{
    private static readonly SpdmMeasurement[] _measurements =
    [
        new(1, MeasurementType.ImmutableRom, Content("ROM")),
        new(2, MeasurementType.MutableFirmware, Content("firmware")),
        new(3, MeasurementType.HardwareConfiguration, Content("configuration of the hardware")),
        new(4, MeasurementType.FirmwareConfiguration, Content("configuration of the firmware")),
        new(5, MeasurementType.SecureVersionNumber, SecurityVersion(), IsRaw: true),
        new(SpdmConstants.DeviceModeIndex, MeasurementType.DeviceMode, Mode(), IsRaw: true),
    ];

    /// <summary>An identity; the same one for the same seed.</summary>
    public ModelIdentity(int seed)
    {
        var random = new Random(seed);
        ModelKey key = new(random);
        Slots = [new SpdmSlot(0, ModelAuthority.Certify(key, random), key)];
    }

    /// <inheritdoc/>
    public IReadOnlyList<SpdmSlot> Slots { get; }

    /// <summary>What all of them are made of.</summary>
    internal static IReadOnlyList<SpdmMeasurement> Measurements => _measurements;

    /// <inheritdoc/>
    public IReadOnlyList<SpdmMeasurement> Measure() => _measurements;

    private static byte[] Content(string part) => Encoding.UTF8.GetBytes($"{part} of the model device");

    private static byte[] SecurityVersion()
    {
        byte[] version = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(version, ModelReference.SecurityVersion);
        return version;
    }

    private static byte[] Mode()
    {
        byte[] mode = new byte[SpdmDeviceMode.ByteSize];
        new SpdmDeviceMode
        {
            OperationalCapabilities = OperationalMode.Normal,
            OperationalState = OperationalMode.Normal,
            DeviceCapabilities = DeviceMode.InvasiveDebugActive,
        }.Write(mode);
        return mode;
    }
}
