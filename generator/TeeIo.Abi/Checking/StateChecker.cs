using System.Globalization;
using System.Linq;
using TeeIo.Abi.Model;
using TeeIo.Abi.Reading;

namespace TeeIo.Abi.Checking;

/// <summary>Checks predicates over the flow's state vector, and that contracts of drivers ask for states that have a type.</summary>
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
