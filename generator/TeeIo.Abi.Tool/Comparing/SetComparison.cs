using TeeIo.Abi.Model;

namespace TeeIo.Abi.Tool.Comparing;

/// <summary>Compares two sets of specs, item by item under the same names.</summary>
internal static class SetComparison
{
    /// <summary>What differs, the worst first.</summary>
    public static IReadOnlyList<Change> Compare(AbiSet before, AbiSet after)
    {
        List<Change> changes = [];
        foreach (AbiSpec old in before.Specs)
        {
            if (after.Spec(old.Name) is { } now) changes.AddRange(Compare(old, now));
            else changes.Add(new Change(ChangeRule.NameRemoved, old.Name, "the interface", old.Name, null));
        }

        changes.AddRange(after.Specs.Where(s => before.Spec(s.Name) is null).Select(s => new Change(ChangeRule.Added, s.Name, "the interface", null, s.Name)));
        return [.. changes.OrderBy(c => c.Rule.Class).ThenBy(c => c.Rule.Id, StringComparer.Ordinal).ThenBy(c => c.Spec, StringComparer.Ordinal).ThenBy(c => c.Item, StringComparer.Ordinal)];
    }

    private static IEnumerable<Change> Compare(AbiSpec before, AbiSpec after) =>
    [
        .. Framing(before, after),
        .. Constants(before, after),
        .. EnumComparison.Compare(before, after),
        .. RecordComparison.Compare(before, after),
        .. CallComparison.Compare(before, after),
        .. SequenceComparison.Compare(before, after),
        .. FlowComparison.Compare(before, after),
    ];

    private static IEnumerable<Change> Framing(AbiSpec before, AbiSpec after)
    {
        if (before.Kind != after.Kind) yield return new Change(ChangeRule.FramingChanged, after.Name, "kind", before.Kind.ToString(), after.Kind.ToString());
        else if (before.Framing != after.Framing) yield return new Change(ChangeRule.FramingChanged, after.Name, "framing", before.Framing.ToString(), after.Framing.ToString());
    }

    private static IEnumerable<Change> Constants(AbiSpec before, AbiSpec after)
    {
        foreach ((Constant? old, Constant? now) in Pairs.Of(before.Constants, after.Constants, c => c.Name))
        {
            string name = (old ?? now)!.Name;
            if (now is null) yield return new Change(ChangeRule.NameRemoved, before.Name, name, Hex.Of(old!.Value), null);
            else if (old is null) yield return new Change(ChangeRule.Added, after.Name, name, null, Hex.Of(now.Value));
            else if (old.Value != now.Value) yield return new Change(ChangeRule.ValueChanged, after.Name, name, Hex.Of(old.Value), Hex.Of(now.Value));
        }
    }
}
