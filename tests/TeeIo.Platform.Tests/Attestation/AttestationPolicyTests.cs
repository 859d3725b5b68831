using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using TeeIo.Guest.Attestation;
using TeeIo.Pci.Spdm;
using TeeIo.Pci.Tdisp;
using TeeIo.Platform.Devices;

namespace TeeIo.Platform.Tests.Attestation;

/// <summary>Each rule of a policy, kept and broken; a refusal says which, what was expected and what was found.</summary>
public sealed class AttestationPolicyTests
{
    private static readonly AttestationPolicy s_model = ModelReference.Policy;

    [Fact]
    public void A_model_device_is_trusted() => Assert.Null(s_model.Judge(ShownDevice.Evidence, TimeProvider.System));

    [Fact]
    public void Any_model_device_is_trusted_and_the_firmware_says_which_one_it_is()
    {
        for (int seed = 0; seed < 8; seed++) Assert.Null(s_model.Judge(ShownDevice.Evidence with { Certificates = ShownDevice.Chain(seed) }, TimeProvider.System));
    }

    [Fact]
    public void A_chain_that_leads_to_another_root_is_refused()
    {
        using X509Certificate2 other = CreateRoot(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
        Refused("roots", s_model with { Roots = [new TrustedRoot(other)] }, ShownDevice.Evidence, found: "name none of them");
        Assert.Null((s_model with { Roots = [new TrustedRoot(other), .. s_model.Roots] }).Judge(ShownDevice.Evidence, TimeProvider.System));
        Refused("roots", s_model with { Roots = [] }, ShownDevice.Evidence);
    }

    [Fact]
    public void A_chain_that_names_the_root_and_comes_from_another_is_refused()
    {
        using X509Certificate2 other = CreateRoot(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
        SpdmSlot slot = new ModelIdentity(1).Slots[0];
        byte[] forged = SpdmChain.Create(SpdmHash.Sha384, [ModelAuthority.Root.RawDataMemory, other.RawDataMemory, slot.Certificates[^1]]);
        Refused("roots", s_model, ShownDevice.Evidence with { Certificates = forged });
        byte[] withoutIssuer = SpdmChain.Create(SpdmHash.Sha384, [ModelAuthority.Root.RawDataMemory, slot.Certificates[^1]]);
        Refused("roots", s_model, ShownDevice.Evidence with { Certificates = withoutIssuer });
        byte[] issuerAsLeaf = SpdmChain.Create(SpdmHash.Sha384, [.. slot.Certificates.Take(2)]);
        Refused("roots", s_model, ShownDevice.Evidence with { Certificates = issuerAsLeaf });
    }

    [Fact]
    public void Certificates_have_to_be_valid_by_the_guest_s_clock()
    {
        Refused("roots", s_model, ShownDevice.Evidence, clock: new FixedClock(DateTimeOffset.UnixEpoch.AddDays(-1)), found: "NotTimeValid");
        Assert.Null(s_model.Judge(ShownDevice.Evidence, new FixedClock(DateTimeOffset.UnixEpoch.AddDays(1))));
    }

    [Fact]
    public void Algorithms_that_are_not_allowed_are_refused()
    {
        Refused("algorithms.hashes", s_model with { Algorithms = new AlgorithmRule { Hashes = [BaseHash.Sha512] } }, ShownDevice.Evidence, found: "Sha384", expected: "Sha512");
        Refused("algorithms.signatures", s_model with { Algorithms = new AlgorithmRule { Signatures = [BaseAsym.EcdsaP256] } }, ShownDevice.Evidence, expected: "EcdsaP256");
        DeviceEvidence weak = ShownDevice.Evidence with { Certificates = ShownDevice.Chain(1, SpdmHash.Find(BaseHash.Sha256)!) };
        Assert.Null(s_model.Judge(weak, TimeProvider.System));
        Refused("algorithms.hashes", s_model with { Algorithms = new AlgorithmRule { Hashes = [BaseHash.Sha384] } }, weak, found: "Sha256");
    }

    [Theory]
    [InlineData("*", true)]
    [InlineData("CN=TeeIo model device, SERIALNUMBER=*", true)]
    [InlineData("CN=TeeIo model device", false)]
    [InlineData("*model*", true)]
    [InlineData("*Model*", false)]
    [InlineData("", false)]
    public void The_subject_has_to_be_the_pattern_s(string pattern, bool isGood) => Judged("device.subject", s_model with { Device = new DeviceRule { Subject = pattern } }, isGood);

    [Theory]
    [InlineData("TeeIo:model device:*", true)]
    [InlineData("TeeIo:model device:????????????????????????????????", true)]
    [InlineData("TeeIo:model device:?", false)]
    [InlineData("TeeIo:other device:*", false)]
    [InlineData("teeio:model device:*", false)]
    public void The_alternative_name_has_to_be_the_pattern_s(string pattern, bool isGood) => Judged("device.name", s_model with { Device = new DeviceRule { Name = pattern } }, isGood);

    [Fact]
    public void A_digest_that_the_manifest_does_not_have_is_refused_with_both()
    {
        DeviceEvidence other = ShownDevice.With(all => all.Select(m => m.Index == 2 ? m with { Content = new byte[] { 1 } } : m));
        string digest = Convert.ToHexStringLower(SHA384.HashData([1]));
        AttestationRefusal refusal = Refused("measurements.manifest", s_model, other, index: 2, found: digest, expected: "Sha384 3fb970732a18");
        Assert.Equal($"refused by measurements.manifest, index 2: expected {refusal.Expected}; found MutableFirmware, the digest {digest}", refusal.ToString());
        Assert.Null(With(2, reference => reference with { Digests = [.. reference.Digests, SHA384.HashData([1])] }).Judge(other, TimeProvider.System));
    }

    [Fact]
    public void A_value_that_travels_as_it_is_is_known_by_itself_or_by_its_digest()
    {
        DeviceEvidence raw = ShownDevice.With(all => all.Select(m => m.Index == 2 ? m with { IsRaw = true } : m));
        Assert.Null(s_model.Judge(raw, TimeProvider.System));
        Refused("measurements.manifest", With(2, reference => reference with { Hash = null, Digests = [], Values = [new byte[] { 1 }] }), raw, index: 2, expected: "the value 01");
        Assert.Null(With(2, reference => reference with { Hash = null, Digests = [], Values = [new ModelIdentity(1).Measure()[1].Content] }).Judge(raw, TimeProvider.System));

        // A digest is no value, whatever it says.
        Refused("measurements.manifest", With(2, reference => reference with { Hash = null, Digests = [], Values = reference.Digests }), ShownDevice.Evidence, index: 2);
    }

    [Theory]
    [InlineData(2, true)]
    [InlineData(3, true)]
    [InlineData(4, false)]
    [InlineData(ulong.MaxValue, false)]
    public void A_security_version_has_to_be_high_enough(ulong least, bool isGood) => Judged("measurements.manifest", With(5, reference => reference with { LeastVersion = least }), isGood, index: 5);

    [Fact]
    public void A_security_version_of_another_size_is_none()
    {
        foreach (byte[] content in (byte[][])[[9], new byte[16], []])
            Refused("measurements.manifest", s_model, ShownDevice.With(all => all.Select(m => m.Index == 5 ? m with { Content = content } : m)), index: 5);
        Refused("measurements.manifest", s_model, ShownDevice.With(all => all.Select(m => m.Index == 5 ? m with { IsRaw = false } : m)), index: 5);
    }

    [Fact]
    public void A_measurement_of_another_type_is_refused() =>
        Refused("measurements.manifest.type", s_model, ShownDevice.With(all => all.Select(m => m.Index == 1 ? m with { Type = MeasurementType.Informational } : m)), index: 1, expected: "ImmutableRom", found: "Informational");

    [Fact]
    public void A_measurement_that_is_missing_is_refused_unless_it_is_optional()
    {
        DeviceEvidence without = ShownDevice.With(all => all.Where(m => m.Index != 3));
        Refused("measurements.manifest", s_model, without, index: 3, found: "none");
        Assert.Null(With(3, reference => reference with { IsOptional = true }).Judge(without, TimeProvider.System));
    }

    [Fact]
    public void A_measurement_beyond_the_manifest_is_refused_unless_others_are_allowed()
    {
        DeviceEvidence more = ShownDevice.With(all => [.. all, new SpdmMeasurement(9, MeasurementType.Informational, new byte[] { 7 }, IsRaw: true)]);
        Refused("measurements.allowsOthers", s_model, more, index: 9, found: "Informational, the value 07");
        Assert.Null((s_model with { Measurements = s_model.Measurements with { AllowsOthers = true } }).Judge(more, TimeProvider.System));
        Refused("measurements", s_model, ShownDevice.With(all => [.. all, all[0]]), index: 1, found: "2");
    }

    [Fact]
    public void Anything_of_its_type_is_good_where_the_manifest_says_so()
    {
        AttestationPolicy policy = With(2, reference => reference with { Hash = null, Digests = [], Any = true });
        Assert.Null(policy.Judge(ShownDevice.With(all => all.Select(m => m.Index == 2 ? m with { Content = new byte[] { 1 } } : m)), TimeProvider.System));
        Refused("measurements.manifest", With(2, reference => reference with { Hash = null, Digests = [] }), ShownDevice.Evidence, index: 2);
    }

    [Theory]
    [InlineData(OperationalMode.Normal, DeviceMode.None, true)]
    [InlineData(OperationalMode.Normal, DeviceMode.InvasiveDebugAfterManufacturing, true)]
    [InlineData(OperationalMode.Normal, DeviceMode.NonInvasiveDebugActive, false)]
    [InlineData(OperationalMode.Normal, DeviceMode.InvasiveDebugActive, false)]
    [InlineData(OperationalMode.Normal, DeviceMode.InvasiveDebugHasBeen, false)]
    [InlineData(OperationalMode.Manufacturing, DeviceMode.None, false)]
    [InlineData(OperationalMode.Normal | OperationalMode.Recovery, DeviceMode.None, false)]
    [InlineData(OperationalMode.None, DeviceMode.None, false)]
    public void Debugging_has_to_be_off_and_operation_normal(OperationalMode operation, DeviceMode state, bool isGood)
    {
        byte[] mode = new byte[SpdmDeviceMode.ByteSize];
        new SpdmDeviceMode { OperationalState = operation, DeviceState = state }.Write(mode);
        DeviceEvidence evidence = ShownDevice.With(all => all.Select(m => m.Type == MeasurementType.DeviceMode ? m with { Content = mode } : m));
        Judged("measurements.deviceMode", s_model, isGood, evidence, SpdmConstants.DeviceModeIndex);
        Judged("measurements.deviceMode", s_model with { Measurements = s_model.Measurements with { DeviceMode = DeviceModeRule.IfReported } }, isGood, evidence, SpdmConstants.DeviceModeIndex);
        Assert.Null((s_model with { Measurements = s_model.Measurements with { DeviceMode = DeviceModeRule.Ignored, AllowsOthers = true } }).Judge(evidence, TimeProvider.System));
    }

    [Fact]
    public void A_device_that_does_not_tell_its_mode_is_refused_where_it_has_to()
    {
        DeviceEvidence silent = ShownDevice.With(all => all.Where(m => m.Type != MeasurementType.DeviceMode));
        Refused("measurements.deviceMode", s_model, silent, found: "none");
        Assert.Null((s_model with { Measurements = s_model.Measurements with { DeviceMode = DeviceModeRule.IfReported } }).Judge(silent, TimeProvider.System));
        Refused("measurements.deviceMode", s_model, ShownDevice.With(all => all.Select(m => m.Type == MeasurementType.DeviceMode ? m with { IsRaw = false } : m)), index: SpdmConstants.DeviceModeIndex);
        Refused("measurements.deviceMode", s_model, ShownDevice.With(all => all.Select(m => m.Type == MeasurementType.DeviceMode ? m with { Content = new byte[17] } : m)), index: SpdmConstants.DeviceModeIndex);
    }

    [Fact]
    public void Properties_of_the_interface_are_required_and_forbidden()
    {
        Refused("report.requires", s_model, ShownDevice.WithReport(report => report[0] &= 0xFE), expected: "NoUpdateAfterLock");
        Refused("report.requires", s_model with { Report = new ReportRule() }, ShownDevice.WithReport(report => report[0] &= 0xFE), expected: "NoUpdateAfterLock");
        DeviceEvidence translating = ShownDevice.WithReport(report => report[0] |= (byte)InterfaceInfo.Ats);
        Refused("report.forbids", s_model, translating, expected: "no Ats", found: "Ats");
        Assert.Null((s_model with { Report = s_model.Report with { Forbids = [] } }).Judge(translating, TimeProvider.System));
    }

    [Fact]
    public void Ranges_have_to_be_those_of_the_policy()
    {
        int second = TdispReport.ByteSize + TdispMmioRange.ByteSize;
        AttestationRefusal refusal = Refused("report.ranges", s_model, ShownDevice.WithReport(report => report[second + 8]++), index: 1);
        Assert.Equal(("BAR 0, pages 5+1, [IsNonTeeMem]", "BAR 0, pages 5+2, [IsNonTeeMem]"), (refusal.Expected, refusal.Found));
        Refused("report.ranges", s_model, ShownDevice.WithReport(report => report[second]++), index: 1, found: "pages 6+1");
        Refused("report.ranges", s_model, ShownDevice.WithReport(report => report[second + 12] |= 0x80), index: 1, found: "128");
        Refused("report.ranges", s_model, ShownDevice.WithReport(report => report[second + 14]++), index: 1, found: "BAR 1");
        Refused("report.ranges", s_model with { Report = s_model.Report with { Ranges = [.. s_model.Report.Ranges.Skip(1)] } }, ShownDevice.Evidence, expected: "3 ranges", found: "4");
    }

    [Fact]
    public void A_report_without_MMIO_for_the_TEE_is_refused_by_every_policy() =>
        Refused("report", s_model with { Report = new ReportRule() }, ShownDevice.WithReport(report => report[TdispReport.ByteSize + 12] = (byte)MmioAttributes.IsNonTeeMem), expected: "MMIO for the TEE");

    [Fact]
    public void What_the_device_says_in_its_own_words_and_the_whole_report_can_be_pinned()
    {
        Refused("report.deviceInfo", s_model, ShownDevice.WithReport(report => report[^1]++));
        byte[] digest = SHA384.HashData(ShownDevice.Evidence.InterfaceReport.Span);
        AttestationPolicy pinned = s_model with { Report = new ReportRule { Digests = [digest] } };
        Assert.Null(pinned.Judge(ShownDevice.Evidence, TimeProvider.System));
        Refused("report.digests", pinned, ShownDevice.WithReport(report => BinaryPrimitives.WriteUInt16LittleEndian(report.AsSpan(4), 7)), expected: Convert.ToHexStringLower(digest));
    }

    private static AttestationPolicy With(byte index, Func<ReferenceMeasurement, ReferenceMeasurement> change) => s_model with
    {
        Measurements = s_model.Measurements with { Manifest = [.. s_model.Measurements.Manifest.Select(reference => reference.Index == index ? change(reference) : reference)] },
    };

    private static void Judged(string rule, AttestationPolicy policy, bool isGood, DeviceEvidence? evidence = null, int? index = null)
    {
        if (isGood) Assert.Null(policy.Judge(evidence ?? ShownDevice.Evidence, TimeProvider.System));
        else Refused(rule, policy, evidence ?? ShownDevice.Evidence, index);
    }

    private static AttestationRefusal Refused(
        string rule, AttestationPolicy policy, DeviceEvidence evidence, int? index = null, string found = "", string expected = "", TimeProvider? clock = null)
    {
        AttestationRefusal? refusal = policy.Judge(evidence, clock ?? TimeProvider.System);
        Assert.NotNull(refusal);
        Assert.Equal((rule, index), (refusal.Rule, refusal.Index));
        Assert.Contains(expected, refusal.Expected, StringComparison.Ordinal);
        Assert.Contains(found, refusal.Found, StringComparison.Ordinal);
        return refusal;
    }

    private static X509Certificate2 CreateRoot(DateTimeOffset from, DateTimeOffset to)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        var request = new CertificateRequest("CN=somebody else", key, HashAlgorithmName.SHA384);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        return request.CreateSelfSigned(from, to);
    }

    private sealed class FixedClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
