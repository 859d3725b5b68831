using TeeIo.Abi.Model;

namespace TeeIo.Abi.Tool.Comparing;

/// <summary>Compares calls and operations.</summary>
internal static class CallComparison
{
    public static IEnumerable<Change> Compare(AbiSpec before, AbiSpec after)
    {
        Call[] olds = [.. All(before)];
        Call[] news = [.. All(after)];
        HashSet<string> kept = [.. news.Select(c => c.Name)];
        Call[] gone = [.. olds.Where(c => !kept.Contains(c.Name))];
        HashSet<Call> renamed = [];
        foreach ((Call? old, Call? now) in Pairs.Of(olds, news, c => c.Name))
        {
            if (old is not null && now is not null)
            {
                foreach (Change change in Compare(before, after, old, now)) yield return change;
            }
            else if (now is not null)
            {
                Call? earlier = now.Number is null ? null : olds.FirstOrDefault(c => IsSameSelector(c, now));
                if (earlier is null)
                {
                    yield return new Change(ChangeRule.Added, after.Name, now.Name, null, Selector(now));
                    continue;
                }

                bool isRenamed = gone.Contains(earlier) && IsSameArgument(before, after, earlier, now);
                if (gone.Contains(earlier)) renamed.Add(earlier);
                yield return new Change(isRenamed ? ChangeRule.Renamed : ChangeRule.NumberReused, after.Name, now.Name, $"{earlier.Name} = {Selector(earlier)}", Selector(now));
            }
        }

        foreach (Call call in gone.Where(c => !renamed.Contains(c))) yield return new Change(ChangeRule.CallRemoved, before.Name, call.Name, Selector(call), null);
    }

    private static IEnumerable<Call> All(AbiSpec spec) =>
        spec.Calls.Concat(spec.Interfaces.SelectMany(i => i.Ops.Select(o => o with { Name = $"{i.Name}.{o.Name}" })));

    private static bool IsSameSelector(Call left, Call right) =>
        left.On == right.On && left.SubCallOf == right.SubCallOf && left.Select == right.Select && left.Number == right.Number && left.Version == right.Version;

    private static bool IsSameArgument(AbiSpec before, AbiSpec after, Call old, Call now)
    {
        if (old.Argument is null || now.Argument is null) return old.Argument == now.Argument && old.Inputs.Count == now.Inputs.Count;
        RecordType? left = before.Records.FirstOrDefault(r => r.Name == old.Argument);
        RecordType? right = after.Records.FirstOrDefault(r => r.Name == now.Argument);
        return left is not null && right is not null ? RecordComparison.IsSameLayout(left, right) : old.Argument == now.Argument;
    }

    private static IEnumerable<Change> Compare(AbiSpec before, AbiSpec after, Call old, Call now)
    {
        if (!IsSameSelector(old, now) || old.ResponseNumber != now.ResponseNumber)
            yield return new Change(ChangeRule.NumberChanged, after.Name, now.Name, Selector(old), Selector(now));

        // Where the number carries the record's size, it changes with it.
        else if (old.Request != now.Request) yield return new Change(ChangeRule.NumberChanged, after.Name, now.Name, Hex.Of(old.Request), Hex.Of(now.Request));

        if (old.Argument != now.Argument || old.Result != now.Result)
        {
            ChangeRule rule = IsSameArgument(before, after, old, now) && old.Result == now.Result ? ChangeRule.TypeChanged : ChangeRule.ArgumentReplaced;
            yield return new Change(rule, after.Name, now.Name, Records(old), Records(now));
        }

        if (old.Returns != now.Returns) yield return new Change(ChangeRule.ReturnChanged, after.Name, now.Name, old.Returns.ToString(), now.Returns.ToString());
        foreach (Change change in Operands(after.Name, now.Name, old.Inputs, now.Inputs).Concat(Operands(after.Name, now.Name, old.Outputs, now.Outputs))) yield return change;
        if (States(old) != States(now)) yield return new Change(ChangeRule.StatesChanged, after.Name, now.Name, States(old), States(now));
        string errorsBefore = Errors(old);
        string errorsAfter = Errors(now);
        if (errorsBefore != errorsAfter) yield return new Change(ChangeRule.ErrorsChanged, after.Name, now.Name, errorsBefore, errorsAfter);
    }

    private static IEnumerable<Change> Operands(string spec, string call, EquatableArray<Field> before, EquatableArray<Field> after)
    {
        foreach ((Field? old, Field? now) in Pairs.Of(before, after, f => f.Name))
        {
            string item = $"{call}({(old ?? now)!.Name})";
            if (old is null) yield return new Change(ChangeRule.RoleChanged, spec, item, null, now!.Register ?? now.Type);
            else if (now is null) yield return new Change(ChangeRule.FieldRemoved, spec, item, old.Register ?? old.Type, null);
            else foreach (Change change in FieldComparison.Compare(spec, item, old, now)) yield return change;
        }
    }

    private static string Records(Call call) => string.Join(" → ", new[] { call.Argument, call.Result }.OfType<string>().DefaultIfEmpty("none"));

    private static string Errors(Call call) => string.Join(" ", call.Errors.Select(e => e.Name).Order(StringComparer.Ordinal));

    // The order of states says nothing.
    private static string States(Call call)
    {
        return $"{In(call.Allowed, "any")} → {In(call.Then, "the same")}";

        static string In(EquatableArray<CallStates> all, string none) =>
            all.Count == 0 ? none : string.Join(' ', all.Select(s => string.Join(" or ", s.Else.Append(s).Select(One).Order(StringComparer.Ordinal))).Order(StringComparer.Ordinal));

        static string One(CallStates s) => $"{s.Enum}={string.Join('|', s.Values.Order(StringComparer.Ordinal))}";
    }

    private static string Selector(Call call) =>
        call.SubCallOf is { } carrier ? $"{carrier} {string.Join(' ', call.Select)}" : call.Request is { } request ? Hex.Of(request) : call.IsNumberless || call.Number is null ? "no number" : Hex.Of(call.Number);
}
