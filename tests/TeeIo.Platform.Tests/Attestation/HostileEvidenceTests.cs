using System.Security.Cryptography;
using TeeIo.Guest.Attestation;
using TeeIo.Pci.Spdm;
using TeeIo.Platform.Devices;

namespace TeeIo.Platform.Tests.Attestation;

/// <summary>Evidence of a hostile device or host, judged by a policy that pins all it can: never trusted, and nothing is thrown.</summary>
public sealed class HostileEvidenceTests
{
    private static readonly AttestationPolicy s_pinned = PolicyDraft.Of(ShownDevice.Evidence) with
    {
        Report = new ReportRule { Digests = [SHA384.HashData(ShownDevice.Evidence.InterfaceReport.Span)] },
        Device = new DeviceRule { Name = NameOfThis() },
    };

    [Fact]
    public void The_device_itself_is_trusted() => Assert.Null(s_pinned.Judge(ShownDevice.Evidence, TimeProvider.System));

    [Fact]
    public void No_chain_with_a_flipped_bit_is_trusted() => Assert.Empty(Trusted(ShownDevice.Evidence.Certificates, step: 13, (evidence, changed) => evidence with { Certificates = changed }));

    [Fact]
    public void No_measurements_with_a_flipped_bit_are_trusted()
    {
        // A higher version is as good, and what the device's mode could be, and was as it was made, no rule is about.
        int mode = 8 * (ShownDevice.Evidence.Measurements.Length - SpdmDeviceMode.ByteSize);
        int version = mode - (8 * (SpdmMeasurementBlock.ByteSize + sizeof(ulong)));
        (int First, int End)[] free = [(version + 2, version + 64), (mode, mode + 32), (mode + 64, mode + 96), (mode + 100, mode + 128)];
        int[] trusted = Trusted(ShownDevice.Evidence.Measurements, step: 1, (evidence, changed) => evidence with { Measurements = changed });
        Assert.Equal(free.SelectMany(range => Enumerable.Range(range.First, range.End - range.First)), trusted);
    }

    [Fact]
    public void No_report_with_a_flipped_bit_is_trusted() => Assert.Empty(Trusted(ShownDevice.Evidence.InterfaceReport, step: 1, (evidence, changed) => evidence with { InterfaceReport = changed }));

    [Fact]
    public void No_evidence_that_was_cut_short_or_has_more_behind_it_is_trusted()
    {
        foreach (int length in (int[])[0, 1, 3, 4, 5, 51, 52, 53, 100, 400])
        {
            Assert.NotNull(s_pinned.Judge(ShownDevice.Evidence with { Certificates = ShownDevice.Evidence.Certificates[..length] }, TimeProvider.System));
            Assert.NotNull(s_pinned.Judge(ShownDevice.Evidence with { Measurements = ShownDevice.Evidence.Measurements[..Math.Min(length, 60)] }, TimeProvider.System));
            Assert.NotNull(s_pinned.Judge(ShownDevice.Evidence with { InterfaceReport = ShownDevice.Evidence.InterfaceReport[..Math.Min(length, 90)] }, TimeProvider.System));
        }

        Assert.NotNull(s_pinned.Judge(ShownDevice.Evidence with { Certificates = (byte[])[.. ShownDevice.Evidence.Certificates.Span, 0] }, TimeProvider.System));
        Assert.NotNull(s_pinned.Judge(ShownDevice.Evidence with { Measurements = (byte[])[.. ShownDevice.Evidence.Measurements.Span, 0] }, TimeProvider.System));
        Assert.NotNull(s_pinned.Judge(ShownDevice.Evidence with { InterfaceReport = (byte[])[.. ShownDevice.Evidence.InterfaceReport.Span, 0] }, TimeProvider.System));
    }

    [Fact]
    public void Another_device_s_chain_is_refused_by_its_name() =>
        Assert.Equal("device.name", s_pinned.Judge(ShownDevice.Evidence with { Certificates = ShownDevice.Chain(77) }, TimeProvider.System)?.Rule);

    [Fact]
    public void Parts_in_each_other_s_place_are_refused()
    {
        (ReadOnlyMemory<byte> chain, ReadOnlyMemory<byte> measurements, ReadOnlyMemory<byte> report) = ShownDevice.Evidence;
        Assert.NotNull(s_pinned.Judge(new DeviceEvidence(measurements, chain, report), TimeProvider.System));
        Assert.NotNull(s_pinned.Judge(new DeviceEvidence(chain, report, measurements), TimeProvider.System));
        Assert.NotNull(s_pinned.Judge(new DeviceEvidence(report, measurements, chain), TimeProvider.System));
    }

    [Fact]
    public void Noise_is_refused()
    {
        var random = new Random(1);
        for (int i = 0; i < 200; i++)
        {
            byte[] noise = new byte[random.Next(2000)];
            random.NextBytes(noise);
            Assert.NotNull(s_pinned.Judge(new DeviceEvidence(noise, noise, noise), TimeProvider.System));
            DeviceEvidence? read = DeviceEvidence.Read(noise, noise);
            Assert.True(read is null || read.Certificates.Length + read.Measurements.Length == noise.Length);
            Assert.Null(Record.Exception(() => AttestationPolicyFile.Write(PolicyDraft.Of(new DeviceEvidence(noise, noise, noise)))));
        }
    }

    /// <summary>The bits of a part that may be flipped without a refusal.</summary>
    private static int[] Trusted(ReadOnlyMemory<byte> part, int step, Func<DeviceEvidence, byte[], DeviceEvidence> put)
    {
        List<int> trusted = [];
        for (int bit = 0; bit < part.Length * 8; bit += step)
        {
            byte[] changed = part.ToArray();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            if (s_pinned.Judge(put(ShownDevice.Evidence, changed), TimeProvider.System) is null) trusted.Add(bit);
        }

        return [.. trusted];
    }

    private static string NameOfThis()
    {
        SpdmChain.TryRead(ShownDevice.Evidence.Certificates, SpdmHash.Sha384, out _, out List<ReadOnlyMemory<byte>> certificates);
        using var leaf = System.Security.Cryptography.X509Certificates.X509CertificateLoader.LoadCertificate(certificates[^1].Span);
        return $"TeeIo:model device:{leaf.SerialNumber}";
    }
}
