using System.Globalization;
using System.Linq;
using TeeIo.Abi.Model;
using TeeIo.Abi.Reading;
using TeeIo.Abi.Symbols;

namespace TeeIo.Abi.Checking;

/// <summary>Checks predicates over the flow's state vector, that contracts of drivers ask for states that have a type, and the states before and after calls.</summary>
internal static class StateChecker
{
    public static void Check(CheckScope scope)
    {
        foreach (HandleType handle in scope.Spec.Handles)
        {
            foreach (HandleState state in handle.States) CheckPredicate(scope, state.When, "handles", handle.Name, "states", state.Name, "when");
            CheckScope.ForEachTwin(handle.States, s => s.When, (first, second) =>
                scope.Report(
                    AbiRules.DuplicateName, CheckScope.At("handles", handle.Name, "states", second.Name, "when"), "The state", second.When, $": it is '{first.Name}'"));
        }

        foreach (OpsInterface table in scope.Spec.Interfaces)
        {
            foreach (Call op in table.Ops.Where(o => o.Contract is not null)) CheckContract(scope, table, op);
        }
    }

    /// <summary>Checks one predicate: <c>variable=value</c> or <c>variable=value|value</c>.</summary>
    public static void CheckPredicate(CheckScope scope, string predicate, params string[] place)
    {
        int equals = predicate.IndexOf('=');
        string variable = equals < 0 ? predicate : predicate.Substring(0, equals).TrimEnd('!');
        if (equals < 0 || equals == predicate.Length - 1)
            scope.Report(AbiRules.WrongValue, place, predicate, "a predicate; write variable=value or variable=value|value");
        else if (!FlowReader.Variables.Contains(variable))
            scope.Report(AbiRules.UnknownCondition, place, predicate, $"the state vector has no '{variable}'; " + Suggestion.Hint(variable, FlowReader.Variables));
    }

    /// <summary>Checks that <paramref name="states"/> are values of enumerations that are there.</summary>
    public static void CheckStates(CheckScope scope, EquatableArray<CallStates> states, string[] place)
    {
        foreach (CallStates entry in states)
        {
            if (entry.Else.Count > 0)
            {
                CheckStates(scope, new(entry.Else.Prepend(entry with { Else = default })), CheckScope.Place(place, CallStatesReader.AnyOf));
                continue;
            }

            string[] at = CheckScope.Place(place, entry.Enum);
            if (scope.Type(entry.Enum) is not { Kind: TypeKind.Enum } type)
            {
                if (!scope.IsFull)
                    scope.ReportName(AbiRules.UnknownReference, at, "enum", entry.Enum, "here or in a spec under 'uses:'; " + Suggestion.Hint(entry.Enum, scope.TypeNames(TypeKind.Enum)));
                continue;
            }

            string[] values = type.Values.Select(CheckScope.NameOf).ToArray();
            for (int i = 0; i < entry.Values.Count; i++)
            {
                // A single state has no place of its own below the key; the key's value is it.
                if (!values.Contains(entry.Values[i]))
                    scope.Report(
                        AbiRules.UnknownReference, CheckScope.Place(at, i.ToString(CultureInfo.InvariantCulture)), "value", entry.Values[i], $"in '{entry.Enum}'; " + Suggestion.Hint(entry.Values[i], values));
            }
        }
    }

    private static void CheckContract(CheckScope scope, OpsInterface table, Call op)
    {
        Contract contract = op.Contract!;
        string[] place = { "interfaces", table.Name, "ops", op.Name, "contract" };
        CheckAll("before", contract.Before);
        CheckAll("after", contract.After);
        if (!table.IsDriver) return;

        // A driver is only called in a state that its types speak of.
        string[] known = scope.Spec.Handles.Where(h => h.States.Count > 0 && op.Inputs.Any(f => f.Type == h.Name)).SelectMany(h => h.States).Select(s => s.When).ToArray();
        if (known.Length == 0 || contract.Before.Count == 0) return;
        string[] errors = op.Errors.Select(e => e.Name).ToArray();
        if (!errors.Contains(contract.Otherwise))
            scope.Report(
                AbiRules.UnknownReference, At("otherwise", default, 0), "error", contract.Otherwise, $"among those of '{op.Name}', which gives it in another state; " + Suggestion.Hint(contract.Otherwise, errors));
        for (int i = 0; i < contract.Before.Count; i++)
        {
            if (!known.Contains(contract.Before[i]))
                scope.Report(AbiRules.UnknownCondition, At("before", contract.Before, i), contract.Before[i], "no state of the op's handle is that; " + Suggestion.Hint(contract.Before[i], known));
        }

        void CheckAll(string key, EquatableArray<string> predicates)
        {
            for (int i = 0; i < predicates.Count; i++) CheckPredicate(scope, predicates[i], At(key, predicates, i));
        }

        // A single text stands for a list of one, and then has no place of its own below the key.
        string[] At(string key, EquatableArray<string> all, int i) =>
            all.Count <= 1 ? CheckScope.Place(place, key) : CheckScope.Place(place, key, i.ToString(CultureInfo.InvariantCulture));
    }
}
