using System;
using System.Collections.Generic;
using System.Linq;
using Scriban.Runtime;
using TeeIo.Abi.Model;

namespace TeeIo.Generator.Emit;

/// <summary>A flow as one vendor runs it: the general chart, completed by the vendor's file.</summary>
internal static class FlowModelBuilder
{
    private const string Unaccounted = "the profile doesn't say";

    public static ScriptObject? Build(EmitContext context)
    {
        if (context.Spec.Flow is not { ClassName: { } name } flow) return null;
        context.Use("TeeIo.Flow");
        FlowModel[] chain = context.Extended.Reverse().Select(s => s.Flow!).Append(flow).ToArray();
        return new ScriptObject
        {
            ["attribute"] = GeneratedCode.Attribute,
            ["doc"] = Docs.OfSpec(context.Spec.Provenance.Doc, context.Spec),
            ["class"] = name,
            ["name"] = Literal.Text(context.Spec.Name),
            ["profile"] = Literal.Text(context.Spec.Profile ?? ""),
            ["columns"] = chain.SelectMany(f => f.Columns).Select(c => $"new({Literal.Text(c.Actor)}, {Literal.Text(c.Title)})").ToArray(),
            ["effects"] = chain.SelectMany(f => f.Effects).Select(e => $"new({Match(e.Match)}, {Literal.Text(e.Variable)}, {Literal.Text(e.Value)})").ToArray(),
            ["rows"] = chain.Select(f => f.Rows.ToArray()).Aggregate(Merge).Select(Row).ToArray(),
        };
    }

    // A row that the extending flow says something about takes what it says; what it leaves out stays. A `how` says anew by what crossings, or why by none.
    private static FlowRow[] Merge(FlowRow[] general, FlowRow[] own)
    {
        Dictionary<string, FlowRow> byRow = own.ToDictionary(r => r.Row, StringComparer.Ordinal);
        HashSet<string> known = new(general.Select(r => r.Row), StringComparer.Ordinal);
        return general.Select(r => byRow.TryGetValue(r.Row, out FlowRow? more) ? Complete(r, more) : r).Concat(own.Where(r => !known.Contains(r.Row))).ToArray();
    }

    private static FlowRow Complete(FlowRow row, FlowRow more) => row with
    {
        Actor = more.Actor.Length > 0 ? more.Actor : row.Actor,
        Step = more.Step.Length > 0 ? more.Step : row.Step,
        How = more.How.Length > 0 ? more.How : row.How,
        Reason = more.Reason.Length > 0 || more.How.Length > 0 ? more.Reason : row.Reason,
        Match = more.Match.Count > 0 || more.How.Length > 0 ? more.Match : row.Match,
        After = more.After.Count > 0 ? more.After : row.After,
        When = more.When.Count > 0 ? more.When : row.When,
        Provenance = more.Provenance.Doc.Length > 0 ? more.Provenance : row.Provenance,
    };

    private static ScriptObject Row(FlowRow row) => new()
    {
        ["row"] = Literal.Text(row.Row),
        ["actor"] = Literal.Text(row.Actor),
        ["step"] = Literal.Text(row.Step),
        ["how"] = How(row.How),
        ["reason"] = Literal.Text(row.How.Length == 0 ? Unaccounted : Docs.OneLine(row.Reason)),
        ["match"] = row.Match.Select(Match).ToArray(),
        ["after"] = List(row.After.Select(Literal.Text)),
        ["when"] = List(row.When.Select(When)),
        ["doc"] = Literal.Text(Docs.OneLine(row.Provenance.Doc)),
    };

    private static string Match(FlowMatch match)
    {
        string side = match.Side == "client" ? "Client" : "Server";
        string within = match.Within is null ? "null" : Literal.Text(match.Within);
        string where = List(match.Where.Select(w => Pair(w, Literal.Text)));
        string last = match.Occurrence == "last" ? "true" : "false";
        return $"new FlowMatch({Literal.Text(match.Call)}, CrossingSide.{side}, {within}, {where}, {Literal.Text(match.Result)}, {last})";
    }

    private static string When(string predicate) => Pair(predicate, values => List(values.Split('|').Select(Literal.Text)));

    private static string Pair(string text, Func<string, string> value)
    {
        int equals = text.IndexOf('=');
        return $"new({Literal.Text(text.Substring(0, equals))}, {value(text.Substring(equals + 1))})";
    }

    private static string List(IEnumerable<string> items) => $"[{string.Join(", ", items)}]";

    private static string How(string how) => how switch
    {
        "call" => "Call",
        "implicit" => "Implicit",
        "merged" => "Merged",
        "no-op" => "NoOp",
        _ => "Absent",
    };
}
