using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using TeeIo.Abi.Model;
using TeeIo.Abi.Reading;
using TeeIo.Abi.Symbols;

namespace TeeIo.Abi.Checking;

/// <summary>Checks that the head's and the framing's references lead somewhere, and to something that fits.</summary>
internal static class FramingChecker
{
    private static readonly string[] _numbers = { "u8", "u16", "u32", "u64", "s8", "s16", "s32", "s64" };

    public static void Check(CheckScope scope)
    {
        CheckHead(scope);
        Framing framing = scope.Spec.Framing;
        scope.Require(TypeKind.Enum, framing.StatusEnum, "framing", "status-enum");
        scope.Require(TypeKind.Enum, framing.ErrorEnum, "framing", "error-enum");
        scope.Require(TypeKind.Enum, framing.Attributes, "framing", "attributes");
        if (scope.Spec.Kind == AbiKind.RegisterCall) RegisterChecker.Check(scope);
        if (scope.Spec.Kind is not (AbiKind.Message or AbiKind.Mailbox)) return;
        CheckNeeded(scope, framing.CodeField, "code", framing.Header, "header");
        CheckNeeded(scope, framing.VersionField, "version-field", framing.Header, "header");
        CheckNeeded(scope, framing.SizeField, "size-field", framing.Header, "header");
        TypeSymbol? header = scope.Require(TypeKind.Record, framing.Header, "framing", "header");
        FieldSymbol? code = Number(scope, framing.CodeField, header, "code");
        FieldSymbol? version = Number(scope, framing.VersionField, header, "version-field");
        if (version is not null && version == code)
            scope.Report(AbiRules.WrongValue, CheckScope.At("framing", "version-field"), framing.VersionField!, "another field than the one with the code");
        Number(scope, framing.SizeField, header, "size-field");
        if (code is not null) CheckCodes(scope, code);
        if (scope.Spec.Kind == AbiKind.Message && header is not null) MessageChecker.Check(scope, header, code);
    }

    /// <summary>The field <paramref name="name"/> of <paramref name="record"/>, a number that somebody sets; null where it isn't given, or after refusing it.</summary>
    public static FieldSymbol? Number(CheckScope scope, string? name, TypeSymbol? record, string key)
    {
        if (string.IsNullOrEmpty(name) || record is null) return null;
        if (record.Fields.FirstOrDefault(f => f.Name == name) is not { } field)
        {
            string[] fields = record.Fields.Select(f => f.Name).ToArray();
            scope.Report(AbiRules.UnknownReference, CheckScope.At("framing", key), "field", name!, $"in '{record.Name}'; " + Suggestion.Hint(name!, fields));
            return null;
        }

        bool isNumber = _numbers.Contains(field.Type) || scope.Type(field.Type) is { Kind: TypeKind.Enum };
        if (isNumber && field.Count == 1 && field.Role == FieldRole.Value) return field;
        scope.Report(AbiRules.WrongValue, CheckScope.At("framing", key), name!, $"a field of '{record.Name}' that can hold it; give that field an integer or enum type and no 'is:'");
        return null;
    }

    /// <summary>Refuses <paramref name="key"/>, which means nothing without <paramref name="other"/>.</summary>
    public static void CheckNeeded(CheckScope scope, string? value, string key, string? otherValue, string other)
    {
        if (value is not null && otherValue is null)
            scope.Report(AbiRules.MissingKey, CheckScope.At("framing", key), $"'{key}' of the framing", other, "the one means nothing without the other");
    }

    private static void CheckHead(CheckScope scope)
    {
        AbiSpec spec = scope.Spec;
        HashSet<string> used = new(scope.Used.Select(u => u.Name));
        for (int i = 0; i < spec.Uses.Count; i++)
        {
            string name = spec.Uses[i];
            if (name == spec.Name) scope.Report(AbiRules.WrongValue, CheckScope.At("uses"), name, "another spec; a spec sees its own names anyway");
            else if (!used.Contains(name))
                scope.Report(
                    AbiRules.UnknownSpec, CheckScope.At("uses", i.ToString(CultureInfo.InvariantCulture)), name,
                    scope.SpecMeantBy(name) is { } meant ? $"did you mean '{meant}'?" : "add its file or correct the name");
        }

        foreach (ProfileBase profileBase in spec.Bases)
        {
            if (!used.Contains(profileBase.Spec)) scope.ReportUnknown("spec", profileBase.Spec, spec.Uses, "base", profileBase.Spec);
            if (spec.Profile is null)
                scope.Report(AbiRules.MissingKey, CheckScope.At("base"), "A spec with 'base:'", "profile", "only a profile takes part of a base");
        }
    }

    private static void CheckCodes(CheckScope scope, FieldSymbol code)
    {
        foreach (Call call in scope.Spec.Calls)
        {
            Check(call.Number, "nr");
            Check(call.ResponseNumber, "response-nr");

            void Check(ulong? number, string key)
            {
                if (number is { } n && code.Size < sizeof(ulong) && n >> (8 * code.Size) != 0)
                    scope.Report(AbiRules.NumberTooBig, CheckScope.At("calls", call.Name, key), CallChecker.Hex(n), $"'{code.Name}', which has {8 * code.Size} bits");
            }
        }
    }
}
