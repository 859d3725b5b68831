using System.Text.Json;
using System.Text.Json.Serialization;

namespace TeeIo.Guest.Attestation.Text;

/// <summary>An <see cref="AttestationPolicy"/> as it stands in a file.</summary>
internal sealed class PolicyText : IJsonOnDeserialized
{
    public required RootText[] Roots { get; set; }

    public DeviceRule? Device { get; set; }

    public AlgorithmText? Algorithms { get; set; }

    public required MeasurementRuleText Measurements { get; set; }

    public ReportText? Report { get; set; }

    public static PolicyText Of(AttestationPolicy policy) => new()
    {
        Roots = [.. policy.Roots.Select(root => new RootText(root))],
        Device = policy.Device,
        Algorithms = AlgorithmText.Of(policy.Algorithms),
        Measurements = MeasurementRuleText.Of(policy.Measurements),
        Report = ReportText.Of(policy.Report),
    };

    public AttestationPolicy ToPolicy() => new()
    {
        Roots = [.. Roots.Select(root => root.Root)],
        Device = Device ?? new DeviceRule(),
        Algorithms = Algorithms?.ToRule() ?? new AlgorithmRule(),
        Measurements = Measurements.ToRule(),
        Report = Report?.ToRule() ?? new ReportRule(),
    };

    public void OnDeserialized()
    {
        if (Roots.Length == 0) throw new JsonException("a policy without 'roots' trusts nobody; name the certificates of those who certify the device");
    }
}
