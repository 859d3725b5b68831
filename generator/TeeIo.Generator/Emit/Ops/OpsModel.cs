using System;
using System.Collections.Generic;
using System.Linq;
using Scriban.Runtime;
using TeeIo.Abi;
using TeeIo.Abi.Model;
using TeeIo.Abi.Symbols;

namespace TeeIo.Generator.Emit.Ops;

/// <summary>Operation tables: the interface, and the boundary that reports every op which passes it.</summary>
internal static class OpsModel
{
    private const string Bytes = "bytes";
    private const string SharedHold = ".read";

    /// <summary>The interfaces that vendors fill.</summary>
    public static ScriptObject? BuildInterfaces(EmitContext context)
    {
        if (context.Spec.Interfaces.Count == 0) return null;
        context.Use("System", "TeeIo.Boundaries");
        return Model(context);
    }

    /// <summary>The boundaries around them.</summary>
    public static ScriptObject? BuildBoundaries(EmitContext context)
    {
        if (context.Spec.Interfaces.Count == 0) return null;
        context.Use("System", "TeeIo.Boundaries", "TeeIo.Flow", "TeeIo.Scheduling");
        return Model(context);
    }

    /// <summary>The locks that contracts name.</summary>
    public static ScriptObject? BuildLocks(EmitContext context)
    {
        if (context.Spec.Locks.Count == 0) return null;
        context.Use("TeeIo.Scheduling");
        return new ScriptObject
        {
            ["attribute"] = GeneratedCode.Attribute,
            ["doc"] = Docs.OfSpec($"The locks that contracts of {context.Spec.Name} name, in the order in which they may be taken.", context.Spec),
            ["name"] = LocksOf(context.Spec.Name),
            ["locks"] = context.Spec.Locks.Select((l, i) => new ScriptObject
            {
                ["doc"] = Docs.Of(1, l.Provenance, context.Spec.Provenance),
                ["property"] = CSharpNames.Type(l.Name),
                ["name"] = Literal.Text(l.Name),
                ["rank"] = i,
            }).ToArray(),
        };
    }

    private static string LocksOf(string spec) => CSharpNames.Type(spec) + "Locks";

    private static ScriptObject Model(EmitContext context) => new()
    {
        ["attribute"] = GeneratedCode.Attribute,
        ["interfaces"] = context.Spec.Interfaces.Select(i => Interface(i, context)).ToArray(),
    };

    private static ScriptObject Interface(OpsInterface table, EmitContext context) => new()
    {
        ["doc"] = Docs.Of(0, table.Provenance, context.Spec.Provenance, table.Name),
        ["class"] = table.ClassName,
        ["has_locks"] = table.Ops.Any(o => o.Contract is { } c && c.Holds.Count + c.MustNotHold.Count > 0),
        ["ops"] = table.Ops.Select(o => Op(o, table, context)).ToArray(),
    };

    private static ScriptObject Op(Call op, OpsInterface table, EmitContext context)
    {
        Parameter[] inputs = op.Inputs.Select(f => Input(f, context)).ToArray();
        Parameter[] outputs = op.Outputs.Select(f => Output(f, context)).ToArray();
        Parameter[] all = inputs.Concat(outputs).Concat(Services(op, context)).ToArray();
        int recorded = inputs.Length + outputs.Length;
        return new ScriptObject
        {
            ["doc"] = Doc(op, table, all),
            ["method"] = op.MethodName,
            ["parameters"] = string.Join(", ", all.Select(p => p.Declaration)),
            ["arguments"] = string.Join(", ", all.Select(p => p.Argument)),
            ["call"] = $"{table.ClassName}Calls.{op.MethodName}",
            ["size"] = 8 * recorded,
            ["locks"] = Locks(op, context).ToArray(),
            ["inputs"] = op.Inputs.Select((f, i) => new ScriptObject { ["index"] = i, ["value"] = Recorded(f, inputs[i].Name, context) }).ToArray(),
            ["outputs"] = op.Outputs.Select((f, i) => new ScriptObject
            {
                ["index"] = inputs.Length + i,
                ["name"] = outputs[i].Name,
                ["value"] = Recorded(f, outputs[i].Name, context),
            }).ToArray(),
            ["written"] = op.Inputs.Where(f => f.Type == Bytes && f.Direction != Direction.In).Select(f => CSharpNames.Parameter(f.Name)).ToArray(),
        };
    }

    private static Parameter Input(Field field, EmitContext context)
    {
        string type = field.Type != Bytes ? context.TypeName(field.Type) : field.Direction == Direction.In ? "ReadOnlySpan<byte>" : "Span<byte>";
        return new Parameter(CSharpNames.Parameter(field.Name), type, "", Docs.Sentence(field.Provenance.Doc));
    }

    private static Parameter Output(Field field, EmitContext context)
    {
        bool isHandle = context.Types.Find(field.Type)?.Kind == TypeKind.Handle;
        return new Parameter(CSharpNames.Parameter(field.Name), context.TypeName(field.Type) + (isHandle ? "?" : ""), "out", Docs.Sentence(field.Provenance.Doc));
    }

    private static IEnumerable<Parameter> Services(Call op, EmitContext context)
    {
        string[] names = op.Contract?.Services.ToArray() ?? Array.Empty<string>();
        foreach (string name in names)
        {
            string type = context.InterfaceClass(name);
            yield return new Parameter(
                names.Length == 1 ? "services" : CSharpNames.Parameter(name), "I" + type, "", "What the callee may ask for while it runs.");
        }
    }

    private static string Recorded(Field field, string name, EmitContext context)
    {
        if (field.Type == Bytes) return $"(ulong){name}.Length";
        return context.Types.Find(field.Type)?.Kind == TypeKind.Handle ? name : Conversion.ToNumber(context, field.Type, name);
    }

    private static IEnumerable<string> Locks(Call op, EmitContext context)
    {
        if (op.Contract is not { } contract) yield break;
        foreach (string hold in contract.Holds)
        {
            bool isShared = hold.EndsWith(SharedHold, StringComparison.Ordinal);
            string name = isShared ? hold.Substring(0, hold.Length - SharedHold.Length) : hold;
            yield return $"_locks?.RequireHeld({Lock(name, context)}, shared: {(isShared ? "true" : "false")});";
        }

        foreach (string name in contract.MustNotHold) yield return $"_locks?.RequireNotHeld({Lock(name, context)});";
    }

    private static string Lock(string name, EmitContext context) => $"{LocksOf(context.LockOwner(name))}.{CSharpNames.Type(name)}";

    private static string Doc(Call op, OpsInterface table, IEnumerable<Parameter> parameters)
    {
        List<string> lines = new() { Docs.Summary(op.Provenance.Doc, op.Name) };
        lines.AddRange(parameters.Select(p => p.DocLine));
        lines.Add(Docs.Returns(op));
        List<string> remarks = new();
        if (op.Contract is { } contract)
        {
            if (contract.Before.Count > 0) remarks.Add($"Before: {Docs.Escape(string.Join(", ", contract.Before))}.");
            if (contract.After.Count > 0) remarks.Add($"After success: {Docs.Escape(string.Join(", ", contract.After))}.");
            if (contract.Holds.Count > 0) remarks.Add($"The caller holds {Docs.Escape(string.Join(", ", contract.Holds))}.");
            if (contract.MayTake.Count > 0) remarks.Add($"May take {Docs.Escape(string.Join(", ", contract.MayTake))}.");
            if (contract.MustNotHold.Count > 0) remarks.Add($"The caller doesn't hold {Docs.Escape(string.Join(", ", contract.MustNotHold))}.");
        }

        if (op.Provenance.Source != table.Provenance.Source) remarks.Add($"Source: {Docs.Escape(op.Provenance.Source)}.");
        if (remarks.Count > 0) lines.Add($"<remarks>{string.Join(" ", remarks)}</remarks>");
        return Docs.Lines(1, lines.ToArray());
    }
}
