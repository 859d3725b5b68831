using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using TeeIo.Pci.Tdisp;

namespace TeeIo.Guest.Attestation.Text;

/// <summary>A <see cref="ReportRule"/> as it stands in a file.</summary>
internal sealed class ReportText : IJsonOnDeserialized
{
    public string[]? Requires { get; set; }

    public string[] Forbids { get; set; } = [];

    public RangeText[] Ranges { get; set; } = [];

    public ReadOnlyMemory<byte>[] DeviceInfo { get; set; } = [];

    public ReadOnlyMemory<byte>[] Digests { get; set; } = [];

    public static ReportText Of(ReportRule rule) => new()
    {
        Requires = EnumNames.Write(rule.Requires),
        Forbids = EnumNames.Write(rule.Forbids),
        Ranges = [.. rule.Ranges.Select(RangeText.Of)],
        DeviceInfo = [.. rule.DeviceInfo],
        Digests = [.. rule.Digests],
    };

    public ReportRule ToRule()
    {
        var rule = new ReportRule
        {
            Forbids = EnumNames.ReadAll<InterfaceInfo>("forbids", Forbids),
            Ranges = [.. Ranges.Select(range => range.ToRange())],
            DeviceInfo = [.. DeviceInfo],
            Digests = [.. Digests],
        };
        return Requires is null ? rule : rule with { Requires = EnumNames.ReadAll<InterfaceInfo>("requires", Requires) };
    }

    public void OnDeserialized()
    {
        ReportRule rule = ToRule();
        foreach (ReadOnlyMemory<byte> digest in Digests)
        {
            if (digest.Length != SHA384.HashSizeInBytes) throw new JsonException($"a report's digest is SHA-384's, of {SHA384.HashSizeInBytes} bytes; there is one of {digest.Length}");
        }

        foreach (InterfaceInfo both in rule.Requires.Intersect(rule.Forbids)) throw new JsonException($"{both} stands in 'requires' and in 'forbids'");
    }
}
