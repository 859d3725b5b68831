using System;
using System.Collections.Generic;
using System.Linq;
using TeeIo.Abi.Model;
using TeeIo.Abi.Reading;
using TeeIo.Abi.Symbols;

namespace TeeIo.Abi.Checking;

/// <summary>Checks calls and ops: numbers, records, carriers, registers and contracts.</summary>
internal static class CallChecker
{
    public static void Check(CheckScope scope)
    {
        AbiSpec spec = scope.Spec;
        foreach (Call call in spec.Calls) CheckCall(scope, call);
        CheckNumbers(scope);
        foreach (OpsInterface table in spec.Interfaces)
        {
            foreach (Call op in table.Ops) CheckOp(scope, op, "interfaces", table.Name, "ops", op.Name);
        }
    }

    private static void CheckCall(CheckScope scope, Call call)
    {
        string[] place = { "calls", call.Name };
        bool mailbox = scope.Spec.Kind == AbiKind.Mailbox && !scope.Spec.Framing.IsCommand;
        if (!(mailbox && call.Argument == "bytes")) scope.Require(TypeKind.Record, call.Argument, "calls", call.Name, "arg");
        if (!(mailbox && call.Result == "bytes")) scope.Require(TypeKind.Record, call.Result, "calls", call.Name, "result");
        CheckInline(scope, call, scope.Spec.Kind is AbiKind.Netlink or AbiKind.Sysfs, place);
        CheckObject(scope, call);
        if (call.SubCallOf is { } carrier) CheckSubCall(scope, call, carrier);
        if (call.Replaces is { } replaced) CheckReplaced(scope, call, replaced);
        FlatCallChecker.Check(scope, call, place);
        StateChecker.CheckStates(scope, call.Allowed, CheckScope.Place(place, "allowed"));
        StateChecker.CheckStates(scope, call.Then, CheckScope.Place(place, "then"));
        CheckRegisters(scope, call.Inputs, CheckScope.Place(place, "in"));
        CheckRegisters(scope, call.Outputs, CheckScope.Place(place, "out"));
    }

    private static void CheckReplaced(CheckScope scope, Call call, string name)
    {
        CallSymbol[] bases = scope.Used.Where(u => scope.Spec.Bases.Any(b => b.Spec == u.Name)).SelectMany(u => u.Calls).ToArray();
        CallSymbol? replaced = bases.FirstOrDefault(c => c.Name == name);
        if (replaced is null) scope.ReportUnknown("call of a base", name, bases.Select(c => c.Name), "calls", call.Name, "replaces");
        else if (replaced.Number != call.Number) scope.Report(AbiRules.WrongValue, CheckScope.At("calls", call.Name, "replaces"), name, "a call with this one's number; another number takes nothing's place");
    }

    private static void CheckInline(CheckScope scope, Call call, bool allowsHandles, string[] place)
    {
        RecordChecker.CheckFields(scope, call.Inputs, allowsHandles, CheckScope.Place(place, "in"));
        RecordChecker.CheckFields(scope, call.Outputs, allowsHandles, CheckScope.Place(place, "out"));
    }

    private static void CheckObject(CheckScope scope, Call call)
    {
        if (call.On.Length > 0 && !scope.ObjectNames.Contains(call.On)) scope.ReportUnknown("object", call.On, scope.ObjectNames, "calls", call.Name, "on");
        else if (call.On.Length == 0 && scope.Spec.Objects.Count > 1)
            scope.Report(
                AbiRules.MissingKey, CheckScope.At("calls", call.Name), $"Call '{call.Name}'", "on", "name the object that it goes to: " + string.Join(", ", scope.Spec.Objects.Take(20).Select(o => o.Name)));
    }

    private static void CheckSubCall(CheckScope scope, Call call, string name)
    {
        if (scope.IsFull) return;
        string[] place = { "calls", call.Name };
        CallSymbol? carrier = scope.Call(name);
        if (carrier is null || name == call.Name)
        {
            scope.ReportUnknown("call", name, scope.CallNames.Where(c => c != call.Name), "calls", call.Name, "sub-call-of");
            return;
        }

        string[] fields = carrier.Arguments.Select(a => a.Name).ToArray();
        foreach (string field in call.Select.Select(s => s.Substring(0, s.IndexOf('='))).Where(f => !fields.Contains(f)))
            scope.Report(
                AbiRules.UnknownCondition, CheckScope.Place(place, "select", field), field, $"'{name}' carries no field of that name; " + Suggestion.Hint(field, fields));
        CheckSharedNames(scope, call, carrier);
        if (call.Via is { } via && !fields.Contains(via))
            scope.Report(AbiRules.UnknownReference, CheckScope.Place(place, "via"), "field", via, $"in what '{name}' carries; " + Suggestion.Hint(via, fields));
    }

    /// <summary>What the carrier and the record pass are parameters of one method.</summary>
    private static void CheckSharedNames(CheckScope scope, Call call, CallSymbol carrier)
    {
        RecordType? record = scope.Spec.Records.FirstOrDefault(r => r.Name == call.Argument);
        HashSet<string> selected = new(call.Select.Select(s => s.Substring(0, s.IndexOf('='))), StringComparer.Ordinal);
        string[] passed = carrier.Arguments.Select(a => a.Name).Where(n => !selected.Contains(n) && n != call.Via).Select(CSharpNames.Field).ToArray();
        foreach (Field field in record?.Fields.Where(f => f.Role == FieldRole.Value && passed.Contains(CSharpNames.Field(f.Name))) ?? [])
            scope.Report(AbiRules.DuplicateName, CheckScope.At("structs", record!.Name, "fields", field.Name), "The field", field.Name, $" in what '{carrier.Name}' carries for '{call.Name}'");
    }

    private static void CheckRegisters(CheckScope scope, EquatableArray<Field> fields, string[] place)
    {
        Dictionary<string, (ulong Taken, string Name)> taken = new(StringComparer.Ordinal);
        foreach (Field field in fields.Where(f => !string.IsNullOrEmpty(f.Register)))
        {
            int width = field.Bits?.Width ?? 64;
            ulong mask = (width == 64 ? ulong.MaxValue : (1UL << width) - 1) << (field.Bits?.Low ?? 0);
            taken.TryGetValue(field.Register!, out (ulong Taken, string Name) before);
            if ((before.Taken & mask) != 0) scope.Report(AbiRules.OverlappingFields, CheckScope.Place(place, field.Name, "reg"), field.Name, before.Name);
            taken[field.Register!] = (before.Taken | mask, field.Name);
        }
    }

    private static void CheckNumbers(CheckScope scope)
    {
        bool ioctl = scope.Spec.Kind == AbiKind.Ioctl;
        CheckScope.ForEachTwin(scope.Spec.Calls.Where(c => c.Number is not null), c => (c.On, ioctl ? c.Request ?? c.Number!.Value : c.Number!.Value, c.Version), (first, second) =>
            scope.Report(AbiRules.DuplicateNumber, CheckScope.At("calls", second.Name, "nr"), $"'{second.Name}'", Hex(second.Number!.Value), $"'{first.Name}'"));
        CheckScope.ForEachTwin(scope.Spec.Calls.Where(c => c.SubCallOf is not null && c.Select.Count > 0), c => (c.SubCallOf, c.On, string.Join(" ", c.Select.OrderBy(s => s, StringComparer.Ordinal))), (first, second) =>
            scope.Report(
                AbiRules.DuplicateNumber, CheckScope.At("calls", second.Name, "select"), $"'{second.Name}'", string.Join(" ", second.Select), $"'{first.Name}'"));
    }

    private static void CheckOp(CheckScope scope, Call op, params string[] place)
    {
        CheckInline(scope, op, true, place);
        if (op.Contract is not { } contract) return;
        CheckLocks("holds", contract.Holds);
        CheckLocks("may-take", contract.MayTake);
        CheckLocks("must-not-hold", contract.MustNotHold);
        foreach (string service in contract.Services.Where(s => !scope.InterfaceNames.Contains(s)))
            scope.ReportUnknown("interface", service, scope.InterfaceNames, CheckScope.Place(place, "contract", "services"));

        void CheckLocks(string key, EquatableArray<string> names)
        {
            foreach (string name in names)
            {
                string stem = name.EndsWith(".read", StringComparison.Ordinal) ? name.Substring(0, name.Length - ".read".Length) : name;
                if (!scope.LockNames.Contains(stem)) scope.ReportUnknown("lock", stem, scope.LockNames, CheckScope.Place(place, "contract", key));
            }
        }
    }

    public static string Hex(ulong number) => "0x" + number.ToString("X", System.Globalization.CultureInfo.InvariantCulture);
}
