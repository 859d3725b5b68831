using System.Collections.Generic;
using System.Linq;
using TeeIo.Abi.Model;

namespace TeeIo.Abi.Reading;

/// <summary>Reads <c>flow</c>.</summary>
internal static class FlowReader
{
    public static readonly string[] Variables = { "tdi", "bound", "mmio", "dma" };

    public static FlowModel? Read(MapReader spec, Provenance outer)
    {
        if (spec.Map("flow") is not { } map)
        {
            if (!spec.Has("flow")) spec.Missing("flow", "it holds the columns, effects and rows");
            return null;
        }

        string? extends = map.Name("extends");
        FlowModel flow = new(
            map.Text("class", CSharpNames.IsIdentifier, "the name of a C# class"),
            extends,
            Columns(map),
            Effects(map),
            Rows(map, extends is null, outer));
        map.Close();
        return flow;
    }

    private static EquatableArray<FlowColumn> Columns(MapReader flow)
    {
        List<FlowColumn> columns = new();
        foreach (MapReader map in flow.List("columns", "column"))
        {
            columns.Add(new FlowColumn(map.RequiredName("actor", "name the actor"), map.Required("title", "give its heading")));
            map.Close();
        }

        return new(columns);
    }

    private static EquatableArray<FlowEffect> Effects(MapReader flow)
    {
        List<FlowEffect> effects = new();
        foreach (MapReader map in flow.List("effects", "effect"))
        {
            FlowMatch match = new("", "", null, default, "ok", "first");
            if (map.Map("match") is { } body)
            {
                match = Match(body);
                body.Close();
            }
            else if (!map.Has("match"))
            {
                map.Missing("match", "say which crossing has the effect");
            }

            if (!map.Has("set")) map.Missing("set", "say what it changes: set: { tdi: RUN }");
            foreach ((string variable, string value, SourceSpan span) in map.Pairs("set"))
            {
                if (!Variables.Contains(variable)) map.Bag.Report(AbiRules.WrongValue, span, variable, "in the state vector; " + Suggestion.Hint(variable, Variables));
                effects.Add(new FlowEffect(match, variable, value));
            }

            map.Close();
        }

        return new(effects);
    }

    private static EquatableArray<FlowRow> Rows(MapReader flow, bool isGeneral, Provenance outer)
    {
        List<FlowRow> rows = new();
        foreach ((string name, MapReader body) in flow.Items("rows", "row"))
        {
            string actor = isGeneral ? body.RequiredName("actor", "name its column") : body.Name("actor") ?? "";
            string step = isGeneral ? body.Required("step", "give its text") : body.Text("step") ?? "";
            string how = body.Choice("how", "call", "implicit", "merged", "no-op", "absent") ?? "";
            string reason = body.Text("reason") ?? "";
            if (how.Length > 0 && how != "call" && reason.Length == 0) body.Missing("reason", "a row that is no call of its own says why");
            List<FlowMatch> matches = new();
            foreach (MapReader match in body.List("match", "match"))
            {
                matches.Add(Match(match));
                match.Close();
            }

            if (how == "call" && matches.Count == 0) body.Missing("match", "say which crossings make the row");
            rows.Add(new FlowRow(
                name, actor, step, how, reason, new(matches), body.Texts("after"), body.Texts("when"), ProvenanceReader.Read(body, outer, needsDoc: false)));
            body.Close();
        }

        return new(rows);
    }

    private static FlowMatch Match(MapReader map) => new(
        map.RequiredName("call", "name the call"),
        map.Has("side") ? map.Choice("side", "client", "server") ?? "" : map.RequiredName("side", "client or server"),
        map.Name("within"),
        new(map.Pairs("where").Select(p => $"{p.Name}={p.Text}")),
        map.Name("result") ?? "ok",
        map.Choice("occurrence", "first", "last") ?? "first");
}
