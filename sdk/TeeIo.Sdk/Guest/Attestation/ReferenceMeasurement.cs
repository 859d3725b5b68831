using System.Buffers.Binary;
using System.Collections.Immutable;
using TeeIo.Pci.Spdm;

namespace TeeIo.Guest.Attestation;

/// <summary>What one measurement may be: one of some digests or values, a security version that is high enough, or anything of its type.</summary>
public sealed record ReferenceMeasurement
{
    private const string Place = "measurements.manifest";

    /// <summary>Which measurement.</summary>
    public required byte Index { get; init; }

    /// <summary>What is measured.</summary>
    public required MeasurementType Type { get; init; }

    /// <summary>The hash algorithm of <see cref="Digests"/>; null without.</summary>
    public MeasurementHash? Hash { get; init; }

    /// <summary>Digests that are good. A measurement that travels as it is is good as well if its digest is.</summary>
    public ImmutableArray<ReadOnlyMemory<byte>> Digests { get; init; } = [];

    /// <summary>Values that are good, of a measurement that travels as it is.</summary>
    public ImmutableArray<ReadOnlyMemory<byte>> Values { get; init; } = [];

    /// <summary>The lowest security version that is good; null where that isn't what is measured.</summary>
    public ulong? LeastVersion { get; init; }

    /// <summary>Whether anything of the type is good.</summary>
    public bool Any { get; init; }

    /// <summary>Whether the device need not have it.</summary>
    public bool IsOptional { get; init; }

    internal AttestationRefusal? Missing() => IsOptional ? null : new(Place, $"a measurement of {Type}", "none", Index);

    internal AttestationRefusal? Judge(SpdmMeasurement found)
    {
        if (found.Type != Type) return new(Place + ".type", Type.ToString(), found.Type.ToString(), Index);
        return Any || IsGood(found) ? null : new(Place, Describe(), found.Describe(), Index);
    }

    private bool IsGood(SpdmMeasurement found)
    {
        ReadOnlySpan<byte> content = found.Content.Span;
        if (!found.IsRaw) return Contains(Digests, content);
        if (LeastVersion is { } least && content.Length == sizeof(ulong) && BinaryPrimitives.ReadUInt64LittleEndian(content) >= least) return true;
        return Contains(Values, content) || (Hash is { } hash && Contains(Digests, SpdmHash.Find(hash)?.Digest(content)));
    }

    private string Describe() => string.Join(" or ", (string[])
    [
        .. Digests.Select(digest => $"{Hash} {Convert.ToHexStringLower(digest.Span)}"),
        .. Values.Select(value => $"the value {Convert.ToHexStringLower(value.Span)}"),
        .. LeastVersion is { } least ? [$"version {least} or higher"] : Array.Empty<string>(),
    ]);

    private static bool Contains(ImmutableArray<ReadOnlyMemory<byte>> known, ReadOnlySpan<byte> value)
    {
        foreach (ReadOnlyMemory<byte> candidate in known)
        {
            if (candidate.Span.SequenceEqual(value)) return true;
        }

        return false;
    }
}
