using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using TeeIo.Abi.Model;
using TeeIo.Abi.Reading;
using TeeIo.Abi.Symbols;

namespace TeeIo.Abi.Checking;

/// <summary>Checks registers that a spec declares itself, the page that carries them, and the statuses that refuse calls.</summary>
internal static class RegisterBlockChecker
{
    private const int RegisterSize = 8;
    private const int MostRegisters = 64;

    public static void Check(CheckScope scope)
    {
        CheckRefusals(scope);
        if (scope.Spec.Framing.Registers is not { } block || scope.Require(TypeKind.Record, block.Record, "framing", "registers") is null) return;
        if (scope.Spec.Records.FirstOrDefault(r => r.Name == block.Record) is not { } registers)
        {
            scope.Report(AbiRules.WrongValue, CheckScope.At("framing", "registers"), block.Record, "a record of this spec itself");
            return;
        }

        if (registers.Fields.Count > MostRegisters || registers.Fields.Any(f => f.Type != "u64" || f.Count != 1 || f.Bits is not null || f.Offset % RegisterSize != 0))
            scope.Report(AbiRules.WrongValue, CheckScope.At("framing", "registers"), block.Record, "a record of at most 64 registers; each is a field of type u64");
        string[] names = registers.Fields.Select(f => f.Name).Where(n => n != block.ValidField).ToArray();
        Require(scope, registers.Fields.Select(f => f.Name), block.ValidField, "framing", "valid");
        Require(scope, names, scope.Spec.Framing.SelectorRegister, "framing", "selector");
        Require(scope, names, scope.Spec.Framing.StatusRegister, "framing", "status");
        Require(scope, names, block.ReasonRegister, "framing", "reason");
        for (int i = 0; i < block.Always.Count; i++) Require(scope, names, block.Always[i], "framing", "always", i.ToString(CultureInfo.InvariantCulture));
        foreach (Call call in scope.Spec.Calls)
        {
            if (call.IsNumberless) scope.Report(AbiRules.WrongValue, CheckScope.At("calls", call.Name, "nr"), AbiNumber.Unknown, "a number; calls in a spec's own registers go by number");
            foreach (Field field in call.Inputs) Require(scope, names, field.Register, "calls", call.Name, "in", field.Name, "reg");
            foreach (Field field in call.Outputs) Require(scope, names, field.Register, "calls", call.Name, "out", field.Name, "reg");
        }

        CheckPage(scope, block, names);
    }

    private static void CheckPage(CheckScope scope, RegisterBlock block, string[] names)
    {
        if (scope.Require(TypeKind.Record, block.Page, "framing", "page") is not { } page) return;
        Require(scope, page.Fields.Select(f => f.Name), block.Bitmap, "framing", "bitmap");
        foreach (string name in names.Where(n => page.Fields.All(f => f.Name != n)))
            scope.Report(AbiRules.UnknownReference, CheckScope.At("framing", "page"), "field", name, $"in '{block.Page}', which carries a register of that name");
    }

    private static void CheckRefusals(CheckScope scope)
    {
        Framing framing = scope.Spec.Framing;
        if (framing.StatusEnum is null || scope.Type(framing.StatusEnum) is not { Kind: TypeKind.Enum } statuses) return;
        string[] names = statuses.Values.Select(v => v.Substring(0, v.LastIndexOf('='))).ToArray();
        foreach (string entry in framing.Refusals)
        {
            int at = entry.IndexOf('=');
            string status = entry.Substring(at + 1);
            if (!names.Contains(status))
                scope.Report(
                    AbiRules.UnknownReference, CheckScope.At("framing", "refusals", entry.Substring(0, at)), "value", status, $"in '{framing.StatusEnum}'; " + Suggestion.Hint(status, names));
        }
    }

    private static void Require(CheckScope scope, IEnumerable<string> names, string? name, params string[] place)
    {
        if (string.IsNullOrEmpty(name) || names.Contains(name)) return;
        scope.Report(AbiRules.UnknownReference, place, "register", name!, $"in '{scope.Spec.Framing.Registers!.Record}'; " + Suggestion.Hint(name!, names));
    }
}
