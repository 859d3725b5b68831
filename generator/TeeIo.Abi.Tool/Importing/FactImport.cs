using TeeIo.Abi.Checking;
using TeeIo.Abi.Tool.Checking;
using TeeIo.Abi.Tool.Headers;
using TeeIo.Abi.Yaml;

namespace TeeIo.Abi.Tool.Importing;

/// <summary>Brings the numbers that a spec states already to what the header says.</summary>
internal static class FactImport
{
    /// <summary>Edits what differs.</summary>
    /// <param name="scope">The import.</param>
    /// <param name="comparison">The spec held against the header.</param>
    public static void Run(ImportScope scope, HeaderComparison comparison)
    {
        foreach (HeaderDifference difference in comparison.Differences) Difference(scope, difference);
        foreach (HeaderFact fact in comparison.Lacking.Where(f => comparison.Version is null || !(HeaderVersion.Parse(f.Since) > comparison.Version))) Lacking(scope, fact);
    }

    private static void Difference(ImportScope scope, HeaderDifference difference)
    {
        HeaderFact fact = difference.Fact;
        if (difference.Found is not { } found)
        {
            Lacking(scope, fact);
        }
        else if (found == fact.Expected)
        {
            scope.Note(ImportKind.ByHand, fact, $"the header has it, but {difference.Why}");
        }
        else if (!TryChange(scope, fact, found))
        {
            scope.Note(ImportKind.ByHand, fact, $"the spec says {Hex.Of(fact.Expected)}, the header {Hex.Of(found)}");
        }
    }

    private static void Lacking(ImportScope scope, HeaderFact fact) => scope.Note(ImportKind.NotInHeader, fact, "nothing is removed");

    private static bool TryChange(ImportScope scope, HeaderFact fact, ulong found)
    {
        bool isSize = fact.CName.StartsWith("sizeof", StringComparison.Ordinal);
        return fact.Place switch
        {
            ["structs", _, "fields", _] when isSize => TryResize(scope, fact, found),
            ["structs", _, "fields", _] => TryState(scope, fact, "at", found),
            ["structs", _] => TryState(scope, fact, "size", found) & TryLowerMinimum(scope, fact, found),
            ["calls", _] => TryState(scope, fact, "request", found) | TryState(scope, fact, "nr", RequestNumber.Split((uint)found).Number),
            _ => TryState(scope, fact, "value", found),
        };
    }

    private static bool TryState(ImportScope scope, HeaderFact fact, string key, ulong found)
    {
        if (scope.Text.Find([.. fact.Place, key]) is not YamlScalar scalar || !AbiNumber.TryParse(scalar.Text, out ulong stated)) return false;
        if (stated == found) return true;
        string now = NumberText.Like(scalar.Text, found);
        scope.Text.Replace(scalar, now);
        scope.Note(ImportKind.Changed, fact, $"{key}: {scalar.Text} → {now}");
        return true;
    }

    // No smallest size is larger than the record.
    private static bool TryLowerMinimum(ImportScope scope, HeaderFact fact, ulong found)
    {
        if (scope.Text.Find([.. fact.Place, "extensible", "min"]) is YamlScalar min && AbiNumber.TryParse(min.Text, out ulong stated) && stated > found) scope.Text.Replace(min, NumberText.Like(min.Text, found));
        return true;
    }

    private static bool TryResize(ImportScope scope, HeaderFact fact, ulong found)
    {
        if (scope.Text.Find([.. fact.Place, "type"]) is not YamlScalar type) return false;
        ulong count = scope.Text.Find([.. fact.Place, "count"]) is YamlScalar { Text: var text } && AbiNumber.TryParse(text, out ulong n) ? n : 1;
        ulong element = fact.Expected / count;
        if (count > 1 && found % element == 0) return TryState(scope, fact, "count", found / element);
        if (count > 1 || ScalarTypes.SizeOf(type.Text) == 0 || ScalarTypes.SizeOf(CTypes.Scalar(found, isSigned: false)) == 0) return false;
        string now = CTypes.Scalar(found, ScalarTypes.IsSigned(type.Text));
        scope.Text.Replace(type, now);
        scope.Note(ImportKind.Changed, fact, $"type: {type.Text} → {now}");
        return true;
    }
}
