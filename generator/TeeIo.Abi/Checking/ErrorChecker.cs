using System;
using System.Collections.Generic;
using System.Linq;
using TeeIo.Abi.Model;
using TeeIo.Abi.Reading;
using TeeIo.Abi.Symbols;

namespace TeeIo.Abi.Checking;

/// <summary>Checks that the errors which calls list are there: errnos, or values of the enumeration that the framing takes its outcomes from.</summary>
internal static class ErrorChecker
{
    public static void Check(CheckScope scope)
    {
        AbiSpec spec = scope.Spec;
        (string source, string prefix, IReadOnlyList<string> names) = Known(scope);
        if (names.Count == 0) return;
        if (spec.Framing.ReservedErrno is { } refusal && !names.Contains(refusal)) Report(scope.Report, refusal, "framing", "reserved-errno");
        foreach (Call call in spec.Calls) CheckCall(call, "calls", call.Name);
        foreach (OpsInterface table in spec.Interfaces)
        {
            foreach (Call op in table.Ops) CheckCall(op, "interfaces", table.Name, "ops", op.Name);
        }

        void CheckCall(Call call, params string[] place)
        {
            foreach (string error in call.Errors.Select(e => e.Name).Where(e => !IsKnown(e))) Report(scope.ReportName, error, CheckScope.Place(place, "errors", error));
        }

        bool IsKnown(string error) =>
            names.Contains(error) || (prefix.Length > 0 && error.StartsWith(prefix, StringComparison.Ordinal) && names.Contains(error.Substring(prefix.Length)));

        void Report(Action<AbiRule, string[], object[]> report, string error, params string[] place)
        {
            if (!scope.IsFull) report(AbiRules.UnknownError, place, new object[] { error, source, Suggestion.Hint(error, names) });
        }
    }

    // A mailbox's status says only whether there is an error code.
    private static (string Source, string Prefix, IReadOnlyList<string> Names) Known(CheckScope scope)
    {
        if (scope.Spec.Kind is AbiKind.Ioctl or AbiKind.Ops or AbiKind.Netlink or AbiKind.Sysfs) return (SymbolTable.ErrnoName, "", scope.Errnos);
        string? source = scope.Spec.Framing.ErrorEnum ?? scope.Spec.Framing.StatusEnum;
        return source is not null && scope.Type(source) is { Kind: TypeKind.Enum } type
            ? (source, type.Prefix, type.Values.Select(CheckScope.NameOf).ToArray())
            : ("", "", Array.Empty<string>());
    }
}
