using TeeIo.Abi.Model;

namespace TeeIo.Abi.Tool.Comparing;

/// <summary>Compares flows: how each row is accounted for, and what crossings change.</summary>
internal static class FlowComparison
{
    public static IEnumerable<Change> Compare(AbiSpec before, AbiSpec after)
    {
        // A flow that is there on one side only is another kind of interface.
        if (before.Flow is not { } old || after.Flow is not { } now) yield break;
        if (old.Extends != now.Extends) yield return new Change(ChangeRule.RowChanged, after.Name, "extends", old.Extends, now.Extends);
        foreach ((FlowRow? row, FlowRow? later) in Pairs.Of(old.Rows, now.Rows, r => r.Row))
        {
            string item = $"row {(row ?? later)!.Row}";
            if (later is null) yield return new Change(ChangeRule.NameRemoved, before.Name, item, Text(row!), null);
            else if (row is null) yield return new Change(ChangeRule.Added, after.Name, item, null, Text(later));
            else if (!Parts(row).SequenceEqual(Parts(later))) yield return new Change(ChangeRule.RowChanged, after.Name, item, Text(row, later), Text(later, row));
        }

        foreach ((FlowEffect? effect, FlowEffect? later) in Pairs.Of(old.Effects, now.Effects, e => $"{e.Variable} after {Text(e.Match)}"))
        {
            if (effect?.Value != later?.Value) yield return new Change(ChangeRule.RowChanged, after.Name, $"{(effect ?? later)!.Variable} after {Text((effect ?? later)!.Match)}", effect?.Value, later?.Value);
        }
    }

    // Why a row is no call, and what it is for, are words.
    private static IEnumerable<string> Parts(FlowRow row) =>
    [
        row.Actor.Length > 0 ? $"by {row.Actor}" : "", row.How, .. row.Match.Select(Text),
        row.After.Count > 0 ? $"after {string.Join(' ', row.After.Order(StringComparer.Ordinal))}" : "", row.When.Count > 0 ? $"when {string.Join(' ', row.When.Order(StringComparer.Ordinal))}" : "",
    ];

    private static string Text(FlowRow row) => string.Join(", ", Parts(row).Where(p => p.Length > 0).DefaultIfEmpty(row.Step));

    private static string Text(FlowRow row, FlowRow other) => string.Join(", ", Parts(row).Except(Parts(other)).Where(p => p.Length > 0).DefaultIfEmpty("the same in another order"));

    private static string Text(FlowMatch match) => string.Join(' ', new[]
    {
        match.Call, match.Side, match.Within is null ? "" : $"within {match.Within}", string.Join(' ', match.Where), match.Result == "ok" ? "" : $"that gives {match.Result}", match.Occurrence == "first" ? "" : match.Occurrence,
    }.Where(t => t.Length > 0));
}
