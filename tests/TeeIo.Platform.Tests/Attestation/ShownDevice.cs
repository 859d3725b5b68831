using TeeIo.Guest.Attestation;
using TeeIo.Pci.Spdm;
using TeeIo.Pci.Tdisp;
using TeeIo.Platform.Devices;
using TeeIo.Platform.Tests.Devices;

namespace TeeIo.Platform.Tests.Attestation;

/// <summary>What a model device shows, and what it would show if it were another one.</summary>
internal static class ShownDevice
{
    private static readonly Lazy<DeviceEvidence> s_evidence = new(Collect);

    /// <summary>All that a model device shows, as it came over its session.</summary>
    public static DeviceEvidence Evidence => s_evidence.Value;

    /// <summary>The chain of a device.</summary>
    public static byte[] Chain(int seed, SpdmHash? hash = null) => new ModelIdentity(seed).Slots[0].Chain(hash ?? SpdmHash.Sha384);

    /// <summary>The measurements, changed.</summary>
    public static DeviceEvidence With(Func<List<SpdmMeasurement>, IEnumerable<SpdmMeasurement>> change) =>
        Evidence with { Measurements = (byte[])[.. change([.. new ModelIdentity(1).Measure()]).SelectMany(measurement => measurement.ToBlock(SpdmHash.Sha384))] };

    /// <summary>The report, changed.</summary>
    public static DeviceEvidence WithReport(Action<byte[]> change)
    {
        byte[] report = Evidence.InterfaceReport.ToArray();
        change(report);
        return Evidence with { InterfaceReport = report };
    }

    private static DeviceEvidence Collect()
    {
        using Bench bench = new Bench().Connected().WithStream().Locked(LockFlags.NoFwUpdate | LockFlags.LockMsix);
        return new DeviceEvidence(bench.Requester.Certificates.ToArray(), bench.Requester.Measurements.ToArray(), bench.Tdi.Interface.Report.ToArray());
    }
}
