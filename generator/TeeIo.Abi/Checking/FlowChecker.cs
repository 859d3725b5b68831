using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using TeeIo.Abi.Layout;
using TeeIo.Abi.Model;
using TeeIo.Abi.Reading;
using TeeIo.Abi.Symbols;

namespace TeeIo.Abi.Checking;

/// <summary>Checks a flow: that its rows have columns, that what they match exists, and that their order is one.</summary>
internal static class FlowChecker
{
    public static void Check(CheckScope scope)
    {
        if (scope.Spec.Flow is not { } flow) return;
        SpecSymbols? general = null;
        if (flow.Extends is { } extends)
        {
            general = scope.Used.FirstOrDefault(u => u.Name == extends && u.Kind == AbiKind.Flow);
            if (general is null) scope.ReportUnknown("flow", extends, scope.Used.Where(u => u.Kind == AbiKind.Flow).Select(u => u.Name), "flow", "extends");
        }

        string[] actors = flow.Columns.Select(c => c.Actor).Concat(general?.Actors ?? default).ToArray();
        foreach (FlowRow row in flow.Rows)
        {
            string[] place = { "flow", "rows", row.Row };
            if (row.Actor.Length > 0 && !actors.Contains(row.Actor)) scope.ReportUnknown("column", row.Actor, actors, CheckScope.Place(place, "actor"));
            for (int i = 0; i < row.Match.Count; i++) CheckMatch(scope, row.Match[i], CheckScope.Place(place, "match", Index(i)));
            for (int i = 0; i < row.When.Count; i++) StateChecker.CheckPredicate(scope, row.When[i], CheckScope.Place(place, "when", Index(i)));
        }

        CheckEffects(scope, flow);
        CheckOrder(scope, flow, general);
    }

    // The effects of one list item share one match, so each match is checked once.
    private static void CheckEffects(CheckScope scope, FlowModel flow)
    {
        int item = -1;
        FlowMatch? last = null;
        foreach (FlowEffect effect in flow.Effects)
        {
            if (ReferenceEquals(effect.Match, last)) continue;
            last = effect.Match;
            CheckMatch(scope, effect.Match, "flow", "effects", Index(++item), "match");
        }
    }

    private static void CheckMatch(CheckScope scope, FlowMatch match, params string[] place)
    {
        if (match.Call.Length == 0 || scope.IsFull) return;
        if (match.Within is { } within && scope.Call(within) is null) scope.ReportUnknown("call", within, scope.CallNames, CheckScope.Place(place, "within"));
        if (scope.Call(match.Call) is not { } call)
        {
            scope.ReportUnknown("call", match.Call, scope.CallNames, CheckScope.Place(place, "call"));
            return;
        }

        foreach (string condition in match.Where) CheckWhere(scope, call, condition, place);
        if (match.Result is not ("ok" or "any") && !call.Errors.Contains(match.Result))
            scope.Report(
                AbiRules.UnknownReference, CheckScope.Place(place, "result"), "error", match.Result, $"among those of '{call.Name}'; " + Suggestion.Hint(match.Result, call.Errors));
    }

    private static void CheckWhere(CheckScope scope, CallSymbol call, string condition, string[] place)
    {
        int equals = condition.IndexOf('=');
        string name = condition.Substring(0, equals);
        string value = condition.Substring(equals + 1);
        string[] at = CheckScope.Place(place, "where", name);
        if (call.Arguments.FirstOrDefault(a => a.Name == name) is not { } argument)
            scope.Report(
                AbiRules.UnknownCondition, at, condition, $"'{call.Name}' has no argument '{name}'; " + Suggestion.Hint(name, call.Arguments.Select(a => a.Name)));
        else if (!AbiNumber.TryParse(value, out _) && !argument.Values.Contains(value))
            scope.Report(
                AbiRules.UnknownCondition, at, condition, $"'{value}' is neither a number nor a value of '{argument.Type}'; " + Suggestion.Hint(value, argument.Values));
    }

    private static void CheckOrder(CheckScope scope, FlowModel flow, SpecSymbols? general)
    {
        // A row that says nothing of its order keeps the general one's.
        Dictionary<string, EquatableArray<string>> after = new(StringComparer.Ordinal);
        foreach (RowSymbol row in general?.Rows ?? default) after[row.Row] = row.After;
        foreach (FlowRow row in flow.Rows)
        {
            if (row.After.Count > 0 || !after.ContainsKey(row.Row)) after[row.Row] = row.After;
        }

        foreach (FlowRow row in flow.Rows)
        {
            for (int i = 0; i < row.After.Count; i++)
            {
                if (!after.ContainsKey(row.After[i])) scope.ReportUnknown("row", row.After[i], after.Keys, "flow", "rows", row.Row, "after", Index(i));
            }
        }

        string[] names = after.Keys.ToArray();
        Dictionary<string, int> numbers = names.Select((n, i) => (n, i)).ToDictionary(p => p.n, p => p.i, StringComparer.Ordinal);
        IReadOnlyList<int>[] dependencies = names.Select(n => (IReadOnlyList<int>)after[n].Where(numbers.ContainsKey).Select(a => numbers[a]).Distinct().ToArray()).ToArray();
        IReadOnlyList<int> stuck = Topology.OnCycles(Topology.Sort(names.Length, dependencies).Stuck, dependencies);
        if (stuck.Count == 0) return;
        int first = stuck[0];
        int next = dependencies[first].First(stuck.Contains);
        scope.Report(AbiRules.CyclicOrder, new[] { "flow", "rows", names[first], "after" }, names[first], names[next]);
    }

    private static string Index(int i) => i.ToString(CultureInfo.InvariantCulture);
}
