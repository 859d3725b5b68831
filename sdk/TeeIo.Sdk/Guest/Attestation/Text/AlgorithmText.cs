using System.Text.Json;
using System.Text.Json.Serialization;
using TeeIo.Pci.Spdm;

namespace TeeIo.Guest.Attestation.Text;

/// <summary>An <see cref="AlgorithmRule"/> as it stands in a file.</summary>
internal sealed class AlgorithmText : IJsonOnDeserialized
{
    public string[]? Hashes { get; set; }

    public string[]? Signatures { get; set; }

    public static AlgorithmText Of(AlgorithmRule rule) => new() { Hashes = EnumNames.Write(rule.Hashes), Signatures = EnumNames.Write(rule.Signatures) };

    public AlgorithmRule ToRule()
    {
        var rule = new AlgorithmRule();
        if (Hashes is not null) rule = rule with { Hashes = EnumNames.ReadAll<BaseHash>("hashes", Hashes) };
        return Signatures is null ? rule : rule with { Signatures = EnumNames.ReadAll<BaseAsym>("signatures", Signatures) };
    }

    public void OnDeserialized()
    {
        AlgorithmRule rule = ToRule();
        if (rule.Hashes.IsEmpty || rule.Signatures.IsEmpty) throw new JsonException("without an algorithm nobody proves anything: leave 'hashes' or 'signatures' out for those that TDISP asks for");
    }
}
