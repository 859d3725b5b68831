using System.Collections.Generic;
using System.Linq;
using Scriban.Runtime;
using TeeIo.Abi;
using TeeIo.Abi.Model;
using TeeIo.Abi.Symbols;

namespace TeeIo.Generator.Emit.Ops;

/// <summary>What vendors derive their drivers from: an override for each op, which gets a context with what its contract allows.</summary>
internal static class DriverModel
{
    private static readonly string[] _remarks =
    {
        "Derive from it and fill each op. The state that an op wants is checked before it is called, and what it noted for failure is taken back after it failed or threw.",
    };

    public static ScriptObject? Build(EmitContext context)
    {
        OpsInterface[] drivers = context.Spec.Interfaces.Where(t => t.IsDriver).ToArray();
        if (drivers.Length == 0) return null;
        context.Use("System", "TeeIo.Boundaries", "TeeIo.Linux", "TeeIo.Pci.Tdisp");
        return new ScriptObject { ["attribute"] = GeneratedCode.Attribute, ["drivers"] = drivers.Select(t => Driver(t, context)).ToArray() };
    }

    private static ScriptObject Driver(OpsInterface table, EmitContext context) => new()
    {
        ["doc"] = Docs.Of(0, table.Provenance, context.Spec.Provenance, table.Name, _remarks),
        ["class"] = table.ClassName,
        ["ops"] = table.Ops.Select(o => Op(o, table, context)).ToArray(),
    };

    private static ScriptObject Op(Call op, OpsInterface table, EmitContext context)
    {
        Field? stateful = op.Inputs.FirstOrDefault(f => StateModel.IsStateful(f, context.Spec));
        HandleState? wanted = stateful is null ? null : StateModel.Wanted(op, stateful, context.Spec);
        bool unwinds = op.Contract?.Unwinds == true;
        List<Member> members = op.Inputs.Select(f => Input(f, ReferenceEquals(f, stateful) ? wanted : null, context)).ToList();
        members.AddRange(op.Outputs.Select(f => Output(f, context)));
        members.AddRange((op.Contract?.Services ?? default).Select(s => Services(s, op, context)));
        if (unwinds) members.Add(new Member("undo", "UndoStack", "", "undo", "", IsShown: false));
        string handle = stateful is null ? "" : CSharpNames.Parameter(stateful.Name);
        return new ScriptObject
        {
            ["doc"] = Docs.Lines(1, Docs.Summary(op.Provenance.Doc, op.Name), "<param name=\"context\">What it is called with, and what it may ask for.</param>", Docs.Returns(op)),
            ["method"] = op.MethodName,
            ["parameters"] = string.Join(", ", members.Where(m => m.Parameter.Length > 0).Select(m => m.Parameter)),
            ["checked"] = op.Inputs.Where(f => IsHandle(f, context)).Select(f => CSharpNames.Parameter(f.Name)).ToArray(),
            ["outputs"] = op.Outputs.Select(f => CSharpNames.Parameter(f.Name)).ToArray(),
            ["wanted"] = wanted?.Name ?? "",
            ["handle"] = handle,
            ["otherwise"] = op.Contract?.Otherwise ?? "",
            ["unwinds"] = unwinds,
            ["entering"] = stateful is null ? System.Array.Empty<string>() : StateModel.Entering(handle, op.Contract?.After ?? default).ToArray(),
            ["arguments"] = string.Join(", ", members.Select(m => m.Argument)),
            ["members"] = members.Select(m => m.Model).ToArray(),
            ["room"] = Room(op),
            ["observes"] = stateful is null ? "" : CSharpNames.Field(stateful.Name) + (wanted is null ? "" : ".Value"),
        };
    }

    /// <summary>Where the answer of an op goes that tells how much of the room for it was left over; empty where it has none.</summary>
    private static string Room(Call op) =>
        op.Returns == CallReturn.Residue && op.Inputs.FirstOrDefault(f => f is { Type: "bytes", Direction: not Direction.In }) is { } room ? "_" + CSharpNames.Parameter(room.Name).TrimStart('@') : "";

    private static bool IsHandle(Field field, EmitContext context) =>
        context.Types.Find(field.Type) is { Kind: TypeKind.Handle } type && !type.CSharpName.EndsWith("?", System.StringComparison.Ordinal);

    private static Member Input(Field field, HandleState? wanted, EmitContext context)
    {
        string name = CSharpNames.Parameter(field.Name);
        string type = field.Type != "bytes" ? context.TypeName(field.Type) : field.Direction == Direction.In ? "ReadOnlySpan<byte>" : "Span<byte>";
        return new Member(name, wanted?.Name ?? type, $"{type} {name}", wanted is null ? name : "known", Docs.Sentence(field.Provenance.Doc));
    }

    private static Member Output(Field field, EmitContext context)
    {
        string name = CSharpNames.Parameter(field.Name);
        string type = context.TypeName(field.Type);
        return new Member(name, "ref " + type, $"out {type} {name}", $"ref {name}", Docs.Sentence(field.Provenance.Doc));
    }

    private static Member Services(string interfaceName, Call op, EmitContext context)
    {
        string type = "I" + context.InterfaceClass(interfaceName);
        string name = op.Contract!.Services.Count == 1 ? "services" : CSharpNames.Parameter(interfaceName);
        bool isTyped = context.Spec.Interfaces.FirstOrDefault(t => t.Name == interfaceName) is { } table && StateModel.IsTyped(table, context.Spec);
        return new Member(name, isTyped ? type.Substring(1) + "View" : type, $"{type} {name}", isTyped ? $"new {type.Substring(1)}View({name})" : name, "What it may ask for.", IsReference: true);
    }

    /// <summary>One thing that a context holds.</summary>
    /// <param name="Name">Name of the parameter.</param>
    /// <param name="Type">Its type in the context.</param>
    /// <param name="Parameter">As a parameter of the interface's method; empty where it has none.</param>
    /// <param name="Argument">What the context gets.</param>
    /// <param name="Doc">What it is.</param>
    /// <param name="IsReference">Whether the interface's method has to check it for null.</param>
    /// <param name="IsShown">Whether the driver sees it.</param>
    private sealed record Member(string Name, string Type, string Parameter, string Argument, string Doc, bool IsReference = false, bool IsShown = true)
    {
        public ScriptObject Model => new()
        {
            ["name"] = Name,
            ["field"] = "_" + Name.TrimStart('@'),
            ["property"] = CSharpNames.Field(Name.TrimStart('@')),
            ["type"] = Type,
            ["is_ref"] = Type.StartsWith("ref ", System.StringComparison.Ordinal),
            ["doc"] = Doc,
            ["is_shown"] = IsShown,
            ["is_reference"] = IsReference,
        };
    }
}
