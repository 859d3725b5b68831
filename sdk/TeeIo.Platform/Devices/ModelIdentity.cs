using TeeIo.Pci.Spdm;

namespace TeeIo.Platform.Devices;

/// <summary>Who a model device is: a chain of X.509 certificates that leads to <see cref="ModelAuthority.Root"/>, with keys made from a seed, and measurements of nothing.</summary>
public sealed class ModelIdentity : ISpdmIdentity
{
    private static readonly MeasurementType[] _measured = [MeasurementType.ImmutableRom, MeasurementType.MutableFirmware, MeasurementType.HardwareConfiguration, MeasurementType.FirmwareConfiguration];
    private readonly SpdmMeasurement[] _measurements;

    /// <summary>An identity; the same one for the same seed.</summary>
    public ModelIdentity(int seed)
    {
        var random = new Random(seed);
        ModelKey key = new(random);
        Slots = [new SpdmSlot(0, ModelAuthority.Certify(key, random), key)];
        _measurements = [.. _measured.Select((type, i) => new SpdmMeasurement((byte)(i + 1), type, CreateContent(random)))];
    }

    /// <inheritdoc/>
    public IReadOnlyList<SpdmSlot> Slots { get; }

    /// <inheritdoc/>
    public IReadOnlyList<SpdmMeasurement> Measure() => _measurements;

    private static byte[] CreateContent(Random random)
    {
        byte[] content = new byte[SpdmHash.Sha384.Size];
        random.NextBytes(content);
        return content;
    }
}
