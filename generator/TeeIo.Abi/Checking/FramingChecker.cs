using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using TeeIo.Abi.Model;
using TeeIo.Abi.Reading;
using TeeIo.Abi.Symbols;

namespace TeeIo.Abi.Checking;

/// <summary>Checks that the head's and the framing's references lead somewhere.</summary>
internal static class FramingChecker
{
    public static void Check(CheckScope scope)
    {
        AbiSpec spec = scope.Spec;
        HashSet<string> used = new(scope.Used.Select(u => u.Name));
        for (int i = 0; i < spec.Uses.Count; i++)
        {
            string name = spec.Uses[i];
            if (name == spec.Name) scope.Report(AbiRules.WrongValue, CheckScope.At("uses"), name, "another spec; a spec sees its own names anyway");
            else if (!used.Contains(name)) scope.Report(AbiRules.UnknownSpec, CheckScope.At("uses", i.ToString(CultureInfo.InvariantCulture)), name);
        }

        foreach (ProfileBase profileBase in spec.Bases)
        {
            if (!used.Contains(profileBase.Spec)) scope.ReportUnknown("spec", profileBase.Spec, spec.Uses, "base", profileBase.Spec);
            if (spec.Profile is null)
                scope.Report(AbiRules.MissingKey, CheckScope.At("base"), "A spec with 'base:'", "profile", "only a profile takes part of a base");
        }

        Framing framing = spec.Framing;
        scope.Require(TypeKind.Enum, framing.StatusEnum, "framing", "status-enum");
        scope.Require(TypeKind.Enum, framing.ErrorEnum, "framing", "error-enum");
        CheckField(scope, framing.CodeField, scope.Require(TypeKind.Record, framing.Header, "framing", "header"), "code");
        CheckField(scope, framing.VersionField, framing.Header is null ? null : scope.Type(framing.Header), "version-field");
        CheckField(scope, framing.SizeField, framing.Header is null ? null : scope.Type(framing.Header), "size-field");
        CheckField(scope, framing.ErrorField, scope.Require(TypeKind.Record, framing.ErrorRecord, "framing", "error"), "error-field");
    }

    private static void CheckField(CheckScope scope, string? field, TypeSymbol? record, string key)
    {
        if (string.IsNullOrEmpty(field) || record is null || record.Fields.Any(f => f.Name == field)) return;
        string[] fields = record.Fields.Select(f => f.Name).ToArray();
        scope.Report(AbiRules.UnknownReference, new[] { "framing", key }, "field", field!, $"in '{record.Name}'; " + Suggestion.Hint(field!, fields));
    }
}
