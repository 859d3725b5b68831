using System.Collections.Immutable;

namespace TeeIo.Flow;

/// <summary>A flow as one vendor runs it under one profile.</summary>
/// <param name="Name">Name of the flow's spec.</param>
/// <param name="Profile">The profile.</param>
/// <param name="Columns">The chart's columns, left to right.</param>
/// <param name="Effects">How crossings change the state vector.</param>
/// <param name="Rows">The rows, in chart order.</param>
public sealed record FlowProfile(
    string Name, string Profile, ImmutableArray<FlowColumn> Columns, ImmutableArray<FlowEffect> Effects, ImmutableArray<FlowRow> Rows)
{
    private const int ShortestRun = 3;

    /// <summary>Names the rows that are accounted for in one way, with runs drawn together: <c>3, 4, 6, 13–49</c>; empty where there are none.</summary>
    public string RowsOf(RowHow how) => RowsWhere(r => r.How == how);

    internal string RowsWhere(Func<FlowRow, bool> isMeant)
    {
        List<string> names = [];
        for (int start = 0; start < Rows.Length; start++)
        {
            int end = start;
            while (end < Rows.Length && isMeant(Rows[end])) end++;
            if (end - start >= ShortestRun) names.Add($"{Rows[start].Row}–{Rows[end - 1].Row}");
            else names.AddRange(Rows[start..end].Select(r => r.Row));
            start = end;
        }

        return string.Join(", ", names);
    }
}
