using System.Collections.Immutable;

namespace TeeIo.Flow;

/// <summary>What a checker finds about a trace.</summary>
/// <param name="Vendor">The vendor that ran.</param>
/// <param name="Profile">The flow that it is held against.</param>
/// <param name="Subject">The TDI whose flow it is.</param>
/// <param name="Rows">Every row of the profile, in chart order.</param>
/// <param name="Unrowed">Crossings of this TDI that make no row.</param>
/// <param name="Violations">One sentence for each thing that is wrong; empty where the trace conforms.</param>
public sealed record FlowReport(
    string Vendor,
    FlowProfile Profile,
    string Subject,
    ImmutableArray<RowReport> Rows,
    ImmutableArray<Crossing> Unrowed,
    ImmutableArray<string> Violations)
{
    /// <summary>Where a part of what ran was real: whether a crossing was of that part. Charts mark each row then. Null where all was of one kind.</summary>
    public Func<Crossing, bool>? IsReal { get; init; }

    /// <summary>Whether the trace conforms to its profile.</summary>
    public bool Conforms => Violations.IsEmpty;

    /// <summary>The rows that a trace from outside can't show, with runs drawn together; empty where there are none.</summary>
    public string NotVisible => Profile.RowsWhere(row => Rows.Any(r => r.Row.Row == row.Row && !r.IsVisible));
}
