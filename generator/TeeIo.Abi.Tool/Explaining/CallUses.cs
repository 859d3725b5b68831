using System.Globalization;
using TeeIo.Abi.Model;

namespace TeeIo.Abi.Tool.Explaining;

/// <summary>Where specs say that a call is made: in sequences, and in rows of flows.</summary>
internal static class CallUses
{
    /// <summary>The steps and rows with the call <paramref name="name"/> of <paramref name="owner"/>; those of specs that know another call of that name are none.</summary>
    public static IEnumerable<(AbiSpec Spec, string Where, string What)> Of(AbiSet set, AbiSpec owner, string name)
    {
        foreach (AbiSpec spec in set.Specs.Where(s => s == owner || s.Uses.Contains(owner.Name)))
        {
            foreach (Sequence sequence in spec.Sequences)
            {
                foreach ((SequenceStep step, int index) in sequence.Steps.Select((s, i) => (s, i)).Where(p => p.s.Call == name))
                    yield return (spec, $"sequence {sequence.Name}, step {(index + 1).ToString(CultureInfo.InvariantCulture)}", Text(sequence, step));
            }

            foreach (FlowRow row in spec.Flow?.Rows ?? default)
            {
                if (row.Match.FirstOrDefault(m => m.Call == name) is { } match) yield return (spec, $"row {row.Row}", Text(set, spec, row, match));
            }
        }
    }

    private static string Text(Sequence sequence, SequenceStep step) => string.Join("; ", new[] { step.Doc, step.If is null ? "" : $"if {step.If}", step.Repeat ?? "" }.Where(t => t.Length > 0).DefaultIfEmpty(sequence.Provenance.Doc));

    private static string Text(AbiSet set, AbiSpec spec, FlowRow row, FlowMatch match) =>
        string.Join(", ", new[] { Step(set, spec, row.Row), match.Side, match.Within is null ? "" : $"within {match.Within}", string.Join(' ', match.Where) }.Where(t => t.Length > 0));

    // The text of a row stands in the flow that all others extend.
    private static string Step(AbiSet set, AbiSpec spec, string row)
    {
        for (AbiSpec? flow = spec; flow?.Flow is { } model; flow = model.Extends is { } extended ? set.Spec(extended) : null)
        {
            if (model.Rows.FirstOrDefault(r => r.Row == row) is { Step.Length: > 0 } found) return found.Step;
        }

        return "";
    }
}
