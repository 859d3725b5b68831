using TeeIo.Abi.Model;

namespace TeeIo.Abi.Tool.Comparing;

/// <summary>Compares enumerations.</summary>
internal static class EnumComparison
{
    public static IEnumerable<Change> Compare(AbiSpec before, AbiSpec after)
    {
        foreach ((EnumType? old, EnumType? now) in Pairs.Of(before.Enums, after.Enums, e => e.Name))
        {
            string name = (old ?? now)!.Name;
            if (now is null)
            {
                yield return new Change(ChangeRule.NameRemoved, before.Name, name, name, null);
            }
            else if (old is null)
            {
                yield return new Change(ChangeRule.Added, after.Name, name, null, name);
            }
            else
            {
                // Its size shows where it is used; here only how it reads.
                if (old.Underlying != now.Underlying) yield return new Change(ChangeRule.TypeChanged, after.Name, name, old.Underlying, now.Underlying);
                foreach (Change change in Values(after.Name, old, now)) yield return change;
            }
        }
    }

    private static IEnumerable<Change> Values(string spec, EnumType before, EnumType after)
    {
        HashSet<string> kept = [.. after.Values.Select(v => v.Name)];
        EnumValue[] gone = [.. before.Values.Where(v => !kept.Contains(v.Name))];
        HashSet<EnumValue> taken = [];
        foreach ((EnumValue? old, EnumValue? now) in Pairs.Of(before.Values, after.Values, v => v.Name))
        {
            string item = $"{after.Name}.{(old ?? now)!.Name}";
            if (old is not null && now is not null && old.Value != now.Value)
            {
                yield return new Change(ChangeRule.ValueChanged, spec, item, Hex.Of(old.Value), Hex.Of(now.Value));
            }
            else if (old is null)
            {
                EnumValue? renamed = now!.Value is null ? null : gone.FirstOrDefault(g => g.Value == now.Value);
                if (renamed is not null) taken.Add(renamed);
                yield return renamed is null
                    ? new Change(ChangeRule.Added, spec, item, null, Hex.Of(now.Value))
                    : new Change(ChangeRule.Renamed, spec, item, $"{renamed.Name} = {Hex.Of(renamed.Value)}", $"{now.Name} = {Hex.Of(now.Value)}");
            }
        }

        foreach (EnumValue value in gone.Where(g => !taken.Contains(g))) yield return new Change(ChangeRule.NameRemoved, spec, $"{after.Name}.{value.Name}", Hex.Of(value.Value), null);
    }
}
