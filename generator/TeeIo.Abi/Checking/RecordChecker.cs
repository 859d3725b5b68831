using System;
using System.Collections.Generic;
using System.Linq;
using TeeIo.Abi.Layout;
using TeeIo.Abi.Model;
using TeeIo.Abi.Reading;
using TeeIo.Abi.Symbols;

namespace TeeIo.Abi.Checking;

/// <summary>Checks ids, enumerations and the fields of records: their types, links and conditions.</summary>
internal static class RecordChecker
{
    public static void Check(CheckScope scope)
    {
        foreach (IdType id in scope.Spec.Ids)
        {
            foreach (string member in id.AnyOf)
            {
                if (member == id.Name) scope.Report(AbiRules.WrongValue, CheckScope.At("ids", id.Name, "any-of"), member, "another id");
                else scope.Require(TypeKind.Id, member, "ids", id.Name, "any-of");
            }
        }

        foreach (EnumType type in scope.Spec.Enums.Where(e => !e.IsFlags))
        {
            CheckScope.ForEachTwin(type.Values.Where(v => v.Value is not null), v => v.Value!.Value, (first, second) =>
            {
                // Some C enumerations name a number twice on purpose.
                if (second.Attributes.Contains($"alias={first.Name}")) return;
                scope.Report(
                    AbiRules.DuplicateNumber, CheckScope.At("enums", type.Name, "values", second.Name, "value"), $"'{second.Name}'", second.Value!.Value, $"'{first.Name}'");
            });
        }

        foreach (EnumType type in scope.Spec.Enums) CheckOnlyWith(scope, type);
        foreach (RecordType record in scope.Spec.Records) CheckRecord(scope, record);
    }

    private static void CheckOnlyWith(CheckScope scope, EnumType type)
    {
        EnumValue[] marked = type.Values.Where(v => v.OnlyWith is not null).ToArray();
        foreach (EnumValue value in marked)
        {
            bool isSound = value.FindOnlyWith(scope.Spec.Enums.Where(e => e.Name != type.Name)) is { } other && other.Type.Name == marked[0].OnlyWith!.Split('.')[0];
            if (isSound || scope.IsFull) continue;
            string? meant = Suggestion.For(value.OnlyWith!, scope.Spec.Enums.Where(e => e.Name != type.Name).SelectMany(e => e.Values.Select(v => $"{e.Name}.{v.Name}")));
            scope.Report(
                AbiRules.WrongValue, CheckScope.At("enums", type.Name, "values", value.Name, "only-with"), value.OnlyWith!,
                "a value of one other enumeration of this file, as enumeration.VALUE" + (meant is null ? "" : $"; did you mean '{meant}'?"));
        }
    }

    /// <summary>Reports what the layout engine found wrong with <paramref name="layout"/>'s record.</summary>
    public static void Report(RecordLayout layout, SourceMap locations, DiagnosticBag bag)
    {
        string[] place = { "structs", layout.Record.Name };
        foreach (LayoutProblem problem in layout.Problems)
        {
            string[] at = problem.Field is null ? CheckScope.Place(place, problem.Key) : CheckScope.Place(place, "fields", problem.Field, problem.Key);
            if (problem.Rule == AbiRules.WrongMinSize) at = CheckScope.Place(at, "min");
            bag.Report(problem.Rule, locations.Find(at), problem.Arguments.ToArray<object>());
        }
    }

    public static void CheckFields(CheckScope scope, EquatableArray<Field> fields, bool allowsHandles, params string[] place)
    {
        Lazy<HashSet<string>> flags = new(() => FlagsOf(scope, fields));
        Dictionary<string, Field> byName = new(StringComparer.Ordinal);
        foreach (Field field in fields)
        {
            if (!byName.ContainsKey(field.Name)) byName.Add(field.Name, field);
        }

        foreach (Field field in fields)
        {
            string[] at = CheckScope.Place(place, field.Name);
            CheckType(scope, field.Type, allowsHandles, CheckScope.Place(at, "type"));
            if (field.Target is { } target) CheckType(scope, target, false, CheckScope.Place(at, "to"));
            if (field.LengthField is { } length) CheckLength(scope, field, length, byName, CheckScope.Place(at, "length"));
            if (field.InIf is { } flag && !scope.IsFull && !flags.Value.Contains(flag))
                scope.Report(AbiRules.UnknownCondition, CheckScope.Place(at, "in-if"), flag, "no field beside it has flags of that name; " + Suggestion.Hint(flag, flags.Value));
        }
    }

    private static HashSet<string> FlagsOf(CheckScope scope, EquatableArray<Field> fields) => new(
        fields.Select(f => f.Type).Distinct().Select(scope.Type).Where(t => t is { IsFlags: true }).SelectMany(t => t!.Values).Select(CheckScope.NameOf),
        StringComparer.Ordinal);

    private static void CheckRecord(CheckScope scope, RecordType record)
    {
        string[] place = { "structs", record.Name, "fields" };
        CheckFields(scope, record.Fields, false, place);
        foreach (Field field in record.Fields)
        {
            if (field.Count != 1 && field.Bits is not null)
                scope.Report(
                    AbiRules.WrongValue, CheckScope.Place(place, field.Name, "count"), "count", "possible together with 'bits:'; a bit field has one value");
        }

        if (string.IsNullOrEmpty(record.SizeField)) return;
        if (!record.Fields.Any(f => f.Name == record.SizeField && f.Role == FieldRole.Size))
        {
            scope.Report(
                AbiRules.UnknownReference, CheckScope.At("structs", record.Name, "extensible", "size-field"), "field with 'is: size' named", record.SizeField!,
                "in the record; " + Suggestion.Hint(record.SizeField!, record.Fields.Where(f => f.Role == FieldRole.Size).Select(f => f.Name)));
        }
    }

    private static void CheckType(CheckScope scope, string type, bool allowsHandles, string[] place)
    {
        if (type.Length == 0 || scope.IsFull || ScalarTypes.SizeOf(type) > 0) return;
        if (allowsHandles && (type == "bytes" || (type == "text" && scope.Spec.Kind is AbiKind.Netlink or AbiKind.Sysfs))) return;
        TypeSymbol? found = scope.Type(type);
        if (found is not null && (allowsHandles || found.Kind != TypeKind.Handle)) return;
        string? meant = Suggestion.For(type, ScalarTypes.Names.Concat(scope.All.SelectMany(s => s.Types).Select(t => t.Name)));
        string hint = found is not null ? "; a handle can be passed to an op only" : meant is null ? "; declare it, or name its spec" : $"; did you mean '{meant}'?";
        scope.Report(AbiRules.UnknownType, place, type, hint);
    }

    private static void CheckLength(CheckScope scope, Field field, string length, Dictionary<string, Field> fields, string[] place)
    {
        if (scope.IsFull) return;
        if (!fields.TryGetValue(length, out Field? target))
        {
            scope.Report(AbiRules.BrokenLength, place, field.Name, length, "and no field beside it has that name; " + Suggestion.Hint(length, fields.Keys));
        }
        else if (target == field || target.Role is not (FieldRole.Length or FieldRole.Value) || scope.Type(target.Type) is { Kind: TypeKind.Record })
        {
            scope.Report(AbiRules.BrokenLength, place, field.Name, length, "which is no number; give that field an integer type and 'is: length'");
        }
    }
}
