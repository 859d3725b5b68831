using System.Reflection;
using System.Security.Cryptography;
using TeeIo.Flow;
using TeeIo.Guest.Attestation;
using TeeIo.Pci.Spdm;
using TeeIo.Plain;
using TeeIo.Platform;
using TeeIo.Platform.Devices;
using TeeIo.Platform.Scenarios;
using TeeIo.Sev.Firmware;
using TeeIo.Tdx.Module;
using TeeIo.Tsm;

namespace TeeIo.Cli.Tests.Attestation;

/// <summary>The whole flow under policies that trust the device, policies that don't, and hosts that forge evidence: a device that isn't trusted is never accepted.</summary>
public sealed class AttestedFlowTests
{
    private static readonly string s_sample = Path.Combine(Root, "sdk", "samples", "attestation-policy", "model-device.json");

    [Theory]
    [InlineData("tdx")]
    [InlineData("sev")]
    [InlineData("plain")]
    public void The_sample_trusts_the_model_device(string vendor)
    {
        FlowOutcome outcome = Run(vendor, AttestationPolicyFile.Read(s_sample));
        Assert.True(outcome.Report.Conforms, string.Join("; ", outcome.Report.Violations));
        Assert.Contains(outcome.Trace, IsAcceptance);
    }

    [Theory]
    [InlineData("tdx")]
    [InlineData("sev")]
    [InlineData("plain")]
    public void A_policy_made_from_what_the_device_shows_trusts_it_whatever_the_seed(string vendor)
    {
        AttestationPolicy draft = PolicyDraft.Of(Collect(vendor));
        Assert.True(Run(vendor, draft, seed: 7, vms: 2).Report.Conforms);
    }

    [Theory]
    [InlineData("tdx")]
    [InlineData("sev")]
    [InlineData("plain")]
    public void A_device_that_the_policy_refuses_is_not_accepted(string vendor)
    {
        AttestationPolicy model = ModelReference.Policy;
        (string Rule, AttestationPolicy Policy)[] policies =
        [
            ("device.name", model with { Device = new DeviceRule { Name = "Acme:*" } }),
            ("measurements.manifest, index 5", model with { Measurements = model.Measurements with { Manifest = [.. model.Measurements.Manifest.Select(r => r.LeastVersion is null ? r : r with { LeastVersion = 99 })] } }),
            ("measurements.allowsOthers, index 1", model with { Measurements = new MeasurementRule() }),
            ("report.ranges", model with { Report = model.Report with { Ranges = [.. model.Report.Ranges.Skip(1)] } }),
        ];
        foreach ((string rule, AttestationPolicy policy) in policies) Refused(Run(vendor, policy), $"00:03.0 was refused by {rule}: expected ");
    }

    [Theory]
    [InlineData("tdx")]
    [InlineData("sev")]
    [InlineData("plain")]
    public void No_bit_that_a_host_flips_in_evidence_leads_to_acceptance(string vendor)
    {
        DeviceEvidence evidence = Collect(vendor);

        // One of the vendors has nobody but the host to believe: there the policy has to know every byte.
        AttestationPolicy policy = ModelReference.Policy with { Report = ModelReference.Policy.Report with { Digests = vendor == "plain" ? [SHA384.HashData(evidence.InterfaceReport.Span)] : [] } };
        var random = new Random(1);
        ReadOnlyMemory<byte> digests = evidence.Measurements[..(4 * (SpdmMeasurementBlock.ByteSize + SHA384.HashSizeInBytes))];
        foreach (ReadOnlyMemory<byte> part in (ReadOnlyMemory<byte>[])[evidence.Certificates, digests, evidence.InterfaceReport])
        {
            for (int i = 0; i < 6; i++)
            {
                var forger = new EvidenceForger(part, random.Next(part.Length * 8));
                FlowOutcome outcome = Run(vendor, policy, wrap: inner => new ForgedVendor(inner, forger));
                Assert.True(forger.HasForged);
                Refused(outcome, "attest failed with ");
            }
        }
    }

    private static void Refused(FlowOutcome outcome, string reason)
    {
        Assert.Contains(outcome.Log, line => line.Contains(reason, StringComparison.Ordinal));
        Assert.DoesNotContain(outcome.Trace, IsAcceptance);
        Assert.False(outcome.Report.Conforms);
        Assert.Empty(outcome.Violations);
        Assert.Empty(outcome.Lost);
        Assert.DoesNotContain(outcome.Log, line => line.Contains(" succeeded ", StringComparison.Ordinal));
    }

    private static string Root => typeof(AttestedFlowTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(a => a.Key == "RepoRoot").Value!;

    private static bool IsAcceptance(Crossing crossing) => crossing.Call == GuestTsmCalls.Accept;

    private static DeviceEvidence Collect(string vendor)
    {
        var collector = new EvidenceCollector();
        Assert.True(Run(vendor, collector).Report.Conforms);
        return collector.Evidence!;
    }

    private static FlowOutcome Run(string vendor, IAttestationPolicy policy, int seed = 1, int vms = 1, Func<IVendorPlatform, IVendorPlatform>? wrap = null) => FlowScenario.Run(new FlowScenarioOptions
    {
        Vendor = machine => wrap is null ? Make(vendor, machine) : wrap(Make(vendor, machine)),
        Profile = "seed-2025-05",
        Seed = seed,
        Vms = vms,
        Policy = policy,
    });

    private static IVendorPlatform Make(string vendor, SoftwareMachine machine) => vendor switch
    {
        "tdx" => new TdxPlatform(machine),
        "sev" => new SevPlatform(machine),
        _ => new PlainPlatform(machine),
    };
}
