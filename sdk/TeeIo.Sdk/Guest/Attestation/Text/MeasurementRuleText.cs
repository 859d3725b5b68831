using System.Text.Json;
using System.Text.Json.Serialization;

namespace TeeIo.Guest.Attestation.Text;

/// <summary>A <see cref="MeasurementRule"/> as it stands in a file.</summary>
internal sealed class MeasurementRuleText : IJsonOnDeserialized
{
    public string? DeviceMode { get; set; }

    public bool AllowsOthers { get; set; }

    public required ReferenceMeasurementText[] Manifest { get; set; }

    public static MeasurementRuleText Of(MeasurementRule rule) => new()
    {
        DeviceMode = rule.DeviceMode.ToString(),
        AllowsOthers = rule.AllowsOthers,
        Manifest = [.. rule.Manifest.Select(ReferenceMeasurementText.Of)],
    };

    public MeasurementRule ToRule() => new()
    {
        DeviceMode = DeviceMode is null ? default : EnumNames.Read<DeviceModeRule>("deviceMode", DeviceMode),
        AllowsOthers = AllowsOthers,
        Manifest = [.. Manifest.Select(reference => reference.ToReference())],
    };

    public void OnDeserialized()
    {
        MeasurementRule rule = ToRule();
        if (rule.Manifest.CountBy(reference => reference.Index).FirstOrDefault(index => index.Value > 1) is { Value: > 1 } twice)
            throw new JsonException($"index {twice.Key} stands {twice.Value} times in 'manifest'; put what it may be into one entry");
    }
}
