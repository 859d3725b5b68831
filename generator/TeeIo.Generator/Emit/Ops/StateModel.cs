using System;
using System.Collections.Generic;
using System.Linq;
using Scriban.Runtime;
using TeeIo.Abi;
using TeeIo.Abi.Model;

namespace TeeIo.Generator.Emit.Ops;

/// <summary>Handles in a known state, as types, and the views of services that take them.</summary>
internal static class StateModel
{
    private const string TdiStateEnum = "TdiState";
    private const string TdiStateNamespace = "TeeIo.Pci.Tdisp";

    public static ScriptObject? Build(EmitContext context)
    {
        if (!context.Spec.Handles.Any(h => h.States.Count > 0)) return null;
        context.Use("System", "TeeIo.Boundaries", TdiStateNamespace);
        return new ScriptObject
        {
            ["attribute"] = GeneratedCode.Attribute,
            ["states"] = context.Spec.Handles.SelectMany(h => h.States.Select(s => State(h, s, context))).ToArray(),
            ["views"] = context.Spec.Interfaces.Where(t => IsTyped(t, context.Spec)).Select(t => View(t, context)).ToArray(),
        };
    }

    /// <summary>The state in which <paramref name="op"/> wants the handle <paramref name="field"/>, or null where it takes any.</summary>
    public static HandleState? Wanted(Call op, Field field, AbiSpec spec) => Find(field, spec, op.Contract?.Before ?? default);

    /// <summary>Whether an op of <paramref name="table"/>, whose services a driver may ask for, speaks of a handle's state.</summary>
    public static bool IsTyped(OpsInterface table, AbiSpec spec) =>
        spec.Interfaces.Any(t => t.Ops.Any(o => o.Contract?.Services.Contains(table.Name) == true)) && table.Ops.Any(o => o.Inputs.Any(f => Wanted(o, f, spec) is not null));

    /// <summary>Whether the state of the handle <paramref name="field"/> is known.</summary>
    public static bool IsStateful(Field field, AbiSpec spec) => spec.Handles.Any(h => h.Name == field.Type && h.States.Count > 0);

    /// <summary>C# that makes <paramref name="handle"/> what <paramref name="predicates"/> say, as far as it can say so of itself.</summary>
    public static IEnumerable<string> Entering(string handle, EquatableArray<string> predicates) => predicates.Select(Split).Where(p => p.Variable is "tdi" or "bound").Select(p =>
        p.Variable == "tdi" ? $"((IStatefulHandle){handle}).State = {TdiStateEnum}.{CSharpNames.Value(p.Value)};" : $"((IStatefulHandle){handle}).IsBound = {Truth(p.Value)};");

    private static HandleState? Find(Field field, AbiSpec spec, EquatableArray<string> predicates) =>
        spec.Handles.FirstOrDefault(h => h.Name == field.Type)?.States.FirstOrDefault(s => predicates.Contains(s.When));

    private static ScriptObject State(HandleType handle, HandleState state, EmitContext context)
    {
        (string variable, string value) = Split(state.When);
        return new ScriptObject
        {
            ["doc"] = Docs.Of(0, state.Provenance, context.Spec.Provenance, null, new[] { $"State: <c>{Docs.Escape(state.When)}</c>." }),
            ["name"] = state.Name,
            ["when"] = Docs.Escape(state.When),
            ["handle"] = context.TypeName(handle.Name),
            ["test"] = variable switch
            {
                "tdi" => "stateful.State is " + string.Join(" or ", value.Split('|').Select(v => $"{TdiStateEnum}.{CSharpNames.Value(v)}")),
                "bound" => Truth(value) == "true" ? "stateful.IsBound" : "!stateful.IsBound",
                _ => "",
            },
        };
    }

    private static ScriptObject View(OpsInterface table, EmitContext context) => new()
    {
        ["doc"] = Docs.Of(0, table.Provenance, context.Spec.Provenance, table.Name),
        ["class"] = table.ClassName,
        ["ops"] = table.Ops.Select(o => Service(o, context)).ToArray(),
    };

    private static ScriptObject Service(Call op, EmitContext context)
    {
        List<string> parameters = new();
        List<string> doc = new() { Docs.Summary(op.Provenance.Doc, op.Name) };
        List<string> arguments = new();
        foreach (Field field in op.Inputs)
        {
            string name = CSharpNames.Parameter(field.Name);
            HandleState? wanted = Wanted(op, field, context.Spec);
            parameters.Add($"{wanted?.Name ?? context.TypeName(field.Type)} {name}");
            arguments.Add(wanted is null ? name : name + ".Value");
            doc.Add($"<param name=\"{name.TrimStart('@')}\">{Docs.Sentence(field.Provenance.Doc)}</param>");
        }

        (Field Field, HandleState State)? reached = op.Inputs
            .Select(f => (f, Find(f, context.Spec, op.Contract?.After ?? default)))
            .Where(p => p.Item2 is not null).Select(p => ((Field, HandleState)?)(p.f, p.Item2!)).FirstOrDefault();
        if (reached is { } r)
        {
            parameters.Add($"out {r.State.Name} reached");
            doc.Add("<param name=\"reached\">After success, the proof of the state that it is in.</param>");
        }

        doc.Add(Docs.Returns(op));
        return new ScriptObject
        {
            ["doc"] = Docs.Lines(1, doc.ToArray()),
            ["method"] = op.MethodName,
            ["parameters"] = string.Join(", ", parameters),
            ["arguments"] = string.Join(", ", arguments),
            ["reached"] = reached?.State.Name ?? "",
            ["from"] = reached is { } from ? arguments[op.Inputs.ToList().IndexOf(from.Field)] : "",
        };
    }

    private static (string Variable, string Value) Split(string predicate)
    {
        int equals = predicate.IndexOf('=');
        return (predicate.Substring(0, equals), predicate.Substring(equals + 1));
    }

    private static string Truth(string value) => value == "yes" ? "true" : "false";
}
