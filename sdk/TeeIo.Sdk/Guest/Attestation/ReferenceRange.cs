using System.Collections.Immutable;
using TeeIo.Pci.Tdisp;

namespace TeeIo.Guest.Attestation;

/// <summary>What one range of MMIO has to be.</summary>
public sealed record ReferenceRange
{
    /// <summary>Its id: the BAR.</summary>
    public required ushort Id { get; init; }

    /// <summary>Where it begins, in pages from the first range with this id.</summary>
    public required ulong Offset { get; init; }

    /// <summary>How many pages it has.</summary>
    public required uint Pages { get; init; }

    /// <summary>Its attributes, all of them.</summary>
    public ImmutableArray<MmioAttributes> Attributes { get; init; } = [];

    /// <inheritdoc/>
    public override string ToString() => $"BAR {Id}, pages {Offset}+{Pages}, [{string.Join(", ", Attributes)}]";

    /// <summary>Reads the ranges of a report that is known to have as many.</summary>
    internal static List<ReferenceRange> ReadAll(ReadOnlySpan<byte> ranges, int count)
    {
        List<ReferenceRange> result = [];
        Dictionary<ushort, ulong> starts = [];
        for (int i = 0; i < count; i++, ranges = ranges[TdispMmioRange.ByteSize..])
        {
            TdispMmioRange.TryRead(ranges, out TdispMmioRange range);
            starts.TryAdd(range.RangeId, range.FirstPage);
            result.Add(new ReferenceRange
            {
                Id = range.RangeId,
                Offset = unchecked(range.FirstPage - starts[range.RangeId]),
                Pages = range.NumberOfPages,
                Attributes = Split(range.RangeAttributes),
            });
        }

        return result;
    }

    internal bool IsSame(ReferenceRange other) => Id == other.Id && Offset == other.Offset && Pages == other.Pages && Union(Attributes) == Union(other.Attributes);

    private static MmioAttributes Union(ImmutableArray<MmioAttributes> attributes) => attributes.Aggregate(MmioAttributes.None, (all, next) => all | next);

    /// <summary>One by one, and what has no name as it is.</summary>
    private static ImmutableArray<MmioAttributes> Split(MmioAttributes attributes)
    {
        List<MmioAttributes> result = [.. Enum.GetValues<MmioAttributes>().Where(known => known != MmioAttributes.None && attributes.HasFlag(known))];
        MmioAttributes unnamed = result.Aggregate(attributes, (left, known) => left & ~known);
        return unnamed == 0 ? [.. result] : [.. result, unnamed];
    }
}
