using System;
using System.Linq;
using TeeIo.Abi.Model;
using TeeIo.Abi.Reading;
using TeeIo.Abi.Symbols;

namespace TeeIo.Abi.Checking;

/// <summary>Checks that messages can be told apart: that they begin with the header, and that an error message has a code.</summary>
internal static class MessageChecker
{
    /// <summary>Checks the messages that begin with <paramref name="header"/>; <paramref name="code"/> is its field with the code, or null where there is none that fits.</summary>
    public static void Check(CheckScope scope, TypeSymbol header, FieldSymbol? code)
    {
        Framing framing = scope.Spec.Framing;
        CheckError(scope, framing, header, code);
        foreach (Call call in scope.Spec.Calls)
        {
            CheckBegin(scope, call.Argument, header, "calls", call.Name, "arg");
            CheckBegin(scope, call.Result, header, "calls", call.Name, "result");

            // With errors there is a codec, which needs to know both messages of a call.
            if ((framing.ErrorRecord ?? framing.ErrorEnum) is null || call.Number is null) continue;
            if (call.Argument is null) Missing(call, "arg", "name the record of the request");
            if (call.Result is null) Missing(call, "result", "name the record of the response");
            if (framing.ErrorRecord is not null && call.ResponseNumber is null) Missing(call, "response-nr", "give the code of the response");
        }

        void Missing(Call call, string key, string hint) => scope.Report(AbiRules.MissingKey, CheckScope.At("calls", call.Name), $"Call '{call.Name}'", key, hint);
    }

    private static void CheckError(CheckScope scope, Framing framing, TypeSymbol header, FieldSymbol? code)
    {
        FramingChecker.CheckNeeded(scope, framing.ErrorField, "error-field", framing.ErrorRecord, "error");
        if (framing.ErrorRecord is null) return;
        FramingChecker.CheckNeeded(scope, framing.ErrorRecord, "error", framing.ErrorField, "error-field");
        FramingChecker.CheckNeeded(scope, framing.ErrorRecord, "error", framing.CodeField, "code");
        if (scope.Require(TypeKind.Record, framing.ErrorRecord, "framing", "error") is not { } error) return;
        CheckBegin(scope, error.Name, header, "framing", "error");
        if (code is not null) CheckErrorCode(scope, error, code);
        if (FramingChecker.Number(scope, framing.ErrorField, error, "error-field") is { } field
            && framing.ErrorEnum is { } values && scope.Type(field.Type) is { } type && type.Name != values && scope.Type(values) is { Kind: TypeKind.Enum })
        {
            scope.Report(AbiRules.WrongValue, CheckScope.At("framing", "error-enum"), values, $"the type of '{field.Name}' in '{error.Name}', which is '{type.Name}'");
        }
    }

    private static void CheckErrorCode(CheckScope scope, TypeSymbol error, FieldSymbol code)
    {
        string[] values = scope.Type(code.Type)?.Values.Where(v => !v.EndsWith("=" + AbiNumber.Unknown, StringComparison.Ordinal)).Select(CheckScope.NameOf).ToArray() ?? Array.Empty<string>();
        if (values.Contains(error.Name, StringComparer.OrdinalIgnoreCase)) return;
        string name = error.Name.ToUpperInvariant();
        scope.Report(
            AbiRules.UnknownReference, CheckScope.At("framing", "error"), "value", name, $"with a number in '{code.Type}', to be the code of an error message; " + Suggestion.Hint(name, values));
    }

    private static void CheckBegin(CheckScope scope, string? record, TypeSymbol header, params string[] place)
    {
        if (record is null || scope.Type(record) is not { Kind: TypeKind.Record } type) return;
        if (type.Fields.Any(f => f.Offset == 0 && f.Type == header.Name && f.Count == 1)) return;
        scope.Report(AbiRules.WrongValue, place, record, $"a message; its first field must have the type '{header.Name}'");
    }
}
