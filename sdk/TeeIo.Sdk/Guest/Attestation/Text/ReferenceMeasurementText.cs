using System.Text.Json;
using System.Text.Json.Serialization;
using TeeIo.Pci.Spdm;

namespace TeeIo.Guest.Attestation.Text;

/// <summary>A <see cref="ReferenceMeasurement"/> as it stands in a file.</summary>
internal sealed class ReferenceMeasurementText : IJsonOnDeserialized
{
    public required byte Index { get; set; }

    public required string Type { get; set; }

    public string? Hash { get; set; }

    public ReadOnlyMemory<byte>[] Digests { get; set; } = [];

    public ReadOnlyMemory<byte>[] Values { get; set; } = [];

    public ulong? LeastVersion { get; set; }

    public bool Any { get; set; }

    public bool IsOptional { get; set; }

    public static ReferenceMeasurementText Of(ReferenceMeasurement reference) => new()
    {
        Index = reference.Index,
        Type = reference.Type.ToString(),
        Hash = reference.Hash?.ToString(),
        Digests = [.. reference.Digests],
        Values = [.. reference.Values],
        LeastVersion = reference.LeastVersion,
        Any = reference.Any,
        IsOptional = reference.IsOptional,
    };

    public ReferenceMeasurement ToReference() => new()
    {
        Index = Index,
        Type = EnumNames.Read<MeasurementType>("type", Type),
        Hash = Hash is null ? null : EnumNames.Read<MeasurementHash>("hash", Hash),
        Digests = [.. Digests],
        Values = [.. Values],
        LeastVersion = LeastVersion,
        Any = Any,
        IsOptional = IsOptional,
    };

    public void OnDeserialized()
    {
        ReferenceMeasurement reference = ToReference();
        if (Index is 0 or SpdmConstants.AllMeasurements) throw new JsonException($"'index' is from 1 to {SpdmConstants.DeviceModeIndex}, not {Index}");
        bool isGiven = Digests.Length > 0 || Values.Length > 0 || LeastVersion is not null;
        if (isGiven == Any) throw new JsonException($"index {Index} needs either 'any', or at least one of 'digests', 'values' and 'leastVersion'");
        if (LeastVersion is not null && reference.Type != MeasurementType.SecureVersionNumber) throw new JsonException($"'leastVersion' is for {MeasurementType.SecureVersionNumber}; index {Index} is {Type}");
        if (Digests.Length == 0 != Hash is null) throw new JsonException($"index {Index} needs 'hash' and 'digests' together, or neither");
        if (reference.Hash is not { } hash) return;
        if (SpdmHash.Find(hash) is not { } algorithm) throw new JsonException($"this machine has no {hash}; it has {string.Join(", ", SpdmHash.All.Select(known => known.Measurement))}");
        foreach (ReadOnlyMemory<byte> digest in Digests)
        {
            if (digest.Length != algorithm.Size) throw new JsonException($"a digest of {hash} has {algorithm.Size} bytes; one of index {Index} has {digest.Length}");
        }
    }
}
