using System.Collections.Generic;
using System.Linq;
using TeeIo.Abi.Model;

namespace TeeIo.Abi.Checking;

/// <summary>Checks that names stay apart, in the spec and in C#, and that C# can take them.</summary>
internal static class NameChecker
{
    public static void Check(CheckScope scope)
    {
        AbiSpec spec = scope.Spec;
        CheckTypes(scope);
        foreach (EnumType type in spec.Enums)
        {
            CheckMembers(scope, "The value", type.Values.Select(v => (v.Name, type.IsVerbatim ? v.Name : CSharpNames.Value(v.Name))), null, "enums", type.Name, "values");
        }

        foreach (RecordType record in spec.Records)
            CheckMembers(scope, "The field", record.Fields.Select(f => (f.Name, CSharpNames.Field(f.Name))), CSharpNames.Type(record.Name), "structs", record.Name, "fields");

        CheckMembers(scope, "The constant", spec.Constants.Select(c => (c.Name, CSharpNames.Value(c.Name))), null, "constants");
        foreach (IGrouping<string, Call> calls in spec.Calls.GroupBy(c => c.On))
            CheckMembers(scope, "The call", calls.Select(c => (c.Name, c.MethodName)), null, "calls");
        foreach (OpsInterface table in spec.Interfaces)
            CheckMembers(scope, "The op", table.Ops.Select(o => (o.Name, o.MethodName)), null, "interfaces", table.Name, "ops");
    }

    private static void CheckTypes(CheckScope scope)
    {
        AbiSpec spec = scope.Spec;
        List<(string Section, string Name, string CSharp)> types = new();
        types.AddRange(spec.Ids.Select(i => ("ids", i.Name, CSharpNames.Id(i.Name))));
        types.AddRange(spec.Enums.Select(e => ("enums", e.Name, CSharpNames.Type(e.Name))));
        types.AddRange(spec.Records.Select(r => ("structs", r.Name, CSharpNames.Type(r.Name))));
        foreach ((string section, string name, string csharp) in types)
        {
            if (ScalarTypes.SizeOf(name) > 0 || name == "bytes")
                scope.Report(AbiRules.ReservedName, new[] { section, name }, name, csharp, "is a type of the language itself");
        }

        IEnumerable<(string Section, string Name, string CSharp)> states = spec.Handles.SelectMany(h => h.States.Select(s => ("handles", h.Name, s.Name)));
        CheckScope.ForEachTwin(types.Concat(states), t => t.CSharp, (first, second) =>
            scope.Report(AbiRules.DuplicateName, new[] { second.Section, second.Name }, "The type", second.Name, Where(first.Name, second.Name, second.CSharp)));

        // A handle has a name in the spec only.
        CheckScope.ForEachTwin(types.Select(t => (t.Section, t.Name)).Concat(spec.Handles.Select(h => ("handles", h.Name))), t => t.Item2, (first, second) =>
        {
            if (second.Item1 == "handles")
                scope.Report(AbiRules.DuplicateName, new[] { second.Item1, second.Item2 }, "The type", second.Item2, $" under '{first.Item1}:'");
        });
    }

    private static void CheckMembers(CheckScope scope, string kind, IEnumerable<(string Name, string CSharp)> members, string? enclosing, params string[] place)
    {
        (string Name, string CSharp)[] all = members.Where(m => m.Name.Length > 0).ToArray();
        CheckScope.ForEachTwin(all, m => m.CSharp, (first, second) =>
            scope.Report(AbiRules.DuplicateName, CheckScope.Place(place, second.Name), kind, second.Name, Where(first.Name, second.Name, second.CSharp)));
        foreach ((string name, string csharp) in all)
        {
            if (CSharpNames.IsObjectMember(csharp)) scope.Report(AbiRules.ReservedName, CheckScope.Place(place, name), name, csharp, "every object has already");
            else if (csharp == enclosing) scope.Report(AbiRules.ReservedName, CheckScope.Place(place, name), name, csharp, "is the name of the type around it");
        }
    }

    private static string Where(string first, string second, string csharp) => first == second ? "" : $": '{first}' becomes '{csharp}' in C#, too";
}
