using System.Collections.Generic;
using System.Linq;
using TeeIo.Abi.Model;
using TeeIo.Abi.Reading;
using TeeIo.Abi.Symbols;

namespace TeeIo.Abi.Checking;

/// <summary>Checks calls whose arguments stand in no record: files of sysfs, and commands of netlink, whose arguments are attributes.</summary>
internal static class FlatCallChecker
{
    private const string Write = "w";
    private const string Read = "r";

    public static void Check(CheckScope scope, Call call, string[] place)
    {
        if (scope.Spec.Kind == AbiKind.Sysfs) CheckFile(scope, call, place);
        else if (scope.Spec.Kind == AbiKind.Netlink) CheckCommand(scope, call, place);
    }

    private static void CheckFile(CheckScope scope, Call call, string[] place)
    {
        if (call.Access.Length == 0) return;
        CheckWay(scope, call, call.Inputs, Write, "in", place);
        CheckWay(scope, call, call.Outputs, Read, "out", place);
    }

    // A file holds one value: what is written, and what is read.
    private static void CheckWay(CheckScope scope, Call call, EquatableArray<Field> values, string way, string key, string[] place)
    {
        bool goes = call.Access.Contains(way);
        string what = way == Write ? "written" : "read";
        if (!goes && values.Count > 0) Report(scope, call, $"cannot be {what}, and yet has '{key}:'", CheckScope.Place(place, key, values[0].Name));
        if (goes && values.Count != 1) Report(scope, call, $"can be {what}; say under '{key}:' which one value that is", CheckScope.Place(place, "access"));
    }

    private static void CheckCommand(CheckScope scope, Call call, string[] place)
    {
        if (call.Access == "event" && call.Inputs.Count > 0) Report(scope, call, "comes unasked, and yet has 'in:'", CheckScope.Place(place, "in", call.Inputs[0].Name));
        if (scope.Spec.Framing.Attributes is not { } name || scope.Type(name) is not { Kind: TypeKind.Enum } attributes) return;
        string[] names = attributes.Values.Select(CheckScope.NameOf).ToArray();
        CheckNames(call.Inputs, "in");
        CheckNames(call.Outputs, "out");

        void CheckNames(IEnumerable<Field> fields, string key)
        {
            foreach (string field in fields.Select(f => f.Name).Where(f => !names.Contains(f)))
                scope.Report(AbiRules.UnknownReference, CheckScope.Place(place, key, field), "attribute", field, $"in '{name}'; " + Suggestion.Hint(field, names));
        }
    }

    private static void Report(CheckScope scope, Call call, string problem, string[] place) => scope.Report(AbiRules.MismatchedArgument, place, $"'{call.Name}'", problem);
}
