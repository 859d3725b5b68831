using TeeIo.Abi.Model;
using TeeIo.Abi.Tool.Headers;

namespace TeeIo.Abi.Tool.Checking;

/// <summary>Which facts of the specs a C header can confirm: those of specs that name headers, where the item is part of a released kernel and has a name in C.</summary>
internal static class HeaderFacts
{
    private const int BitsOfAByte = 8;

    /// <summary>The facts of <paramref name="folder"/>.</summary>
    public static IReadOnlyList<HeaderFact> Of(SpecFolder folder) => [.. folder.Specs.Where(s => s.Spec.Headers.Count > 0).SelectMany(s => Of(s.Spec, s.Document))];

    /// <summary>The facts of one spec.</summary>
    public static IEnumerable<HeaderFact> Of(AbiSpec spec, SpecDocument document) => new Reader(document).Read(spec);

    /// <summary>The headers that the specs of <paramref name="folder"/> name.</summary>
    public static IReadOnlyList<string> Headers(SpecFolder folder) => [.. folder.Set.Specs.SelectMany(s => s.Headers).Distinct().Order(StringComparer.Ordinal)];

    private sealed class Reader(SpecDocument document)
    {
        public IEnumerable<HeaderFact> Read(AbiSpec spec) =>
        [
            .. spec.Constants.Where(c => IsInC(c.CName, c.Provenance)).Select(c => Named(c.CName ?? c.Name, "", c.Value, c.Provenance, "constants", c.Name)),
            .. spec.Enums.Where(e => e.CName != CNames.None).SelectMany(Values),
            .. spec.Records.Where(r => IsInC(r.CName, r.Provenance)).SelectMany(Record),
            .. spec.Calls.Where(c => c.Request is not null && IsInC(c.CName, c.Provenance)).Select(c => Named(c.CName ?? c.Name, "", c.Request!.Value, c.Provenance, "calls", c.Name)),
        ];

        private static bool IsInC(string? cName, Provenance provenance) => cName != CNames.None && provenance.Status is AbiStatus.Upstream or AbiStatus.Unverified;

        // A negative value is the same in the bits that the field has.
        private IEnumerable<HeaderFact> Values(EnumType type) =>
            type.Values.Where(v => v.Value is not null && IsInC(v.CName, v.Provenance)).Select(v => Named(
                v.CName ?? type.Prefix + v.Name, $"(__{type.Underlying})", v.Value!.Value, v.Provenance, "enums", type.Name, "values", v.Name));

        private IEnumerable<HeaderFact> Record(RecordType record)
        {
            string name = record.CName ?? record.Name;
            string size = $"sizeof(struct {name})";
            yield return Fact(size, CExpression.SizeOf(name), (ulong)record.Size, null, record.Provenance, Earlier(record), "structs", record.Name);
            foreach (Field field in record.Fields.Where(f => IsInC(f.CName, f.Provenance)))
            {
                string member = field.CName ?? field.Name;
                string[] place = ["structs", record.Name, "fields", field.Name];
                if (field.Bits is { } bits)
                {
                    ulong first = (ulong)((BitsOfAByte * field.Offset) + bits.Low);
                    yield return Fact($"first bit of struct {name}.{member}", CExpression.BitOffsetOf(name, member), first, size, field.Provenance, [], [.. place, "bits"]);
                    yield return Fact($"width of struct {name}.{member}", CExpression.BitWidthOf(name, member), (ulong)bits.Width, size, field.Provenance, [], [.. place, "bits"]);
                    continue;
                }

                yield return Fact($"offsetof(struct {name}, {member})", CExpression.OffsetOf(name, member), (ulong)field.Offset, size, field.Provenance, [], place);
                if (field.Count > 0) yield return Fact($"sizeof(struct {name}.{member})", CExpression.SizeOf(name, member), (ulong)field.Size, size, field.Provenance, [], place);
            }
        }

        private static List<(Version Before, ulong Size)> Earlier(RecordType record)
        {
            List<(Version, ulong)> earlier = [];
            Version? own = HeaderVersion.Parse(record.Provenance.Since);
            foreach (Version version in record.Fields.Select(f => HeaderVersion.Parse(f.Provenance.Since)).OfType<Version>().Where(v => own is null || v > own).Distinct().Order())
            {
                int end = record.Fields.Where(f => !(HeaderVersion.Parse(f.Provenance.Since) >= version)).Select(f => f.Offset + f.Size).DefaultIfEmpty().Max();
                int alignment = Math.Max(1, record.Alignment);
                earlier.Add((version, (ulong)((end + alignment - 1) / alignment * alignment)));
            }

            return earlier;
        }

        private HeaderFact Named(string name, string cast, ulong value, Provenance provenance, params string[] place) => Fact(name, $"{cast}{name}", value, null, provenance, [], place);

        private HeaderFact Fact(
            string cName, string expression, ulong value, string? owner, Provenance provenance, IReadOnlyList<(Version Before, ulong Size)> earlier, params string[] place) =>
            new(cName, expression, value, owner, provenance.Since, provenance.Until, earlier, document.Path, document.Locations.FindName(place).Line, place);
    }
}
