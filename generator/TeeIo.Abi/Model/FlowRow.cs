namespace TeeIo.Abi.Model;

/// <summary>A row of the chart.</summary>
/// <param name="Row">Its number (<c>16a</c>).</param>
/// <param name="Actor">Its column.</param>
/// <param name="Step">Its text.</param>
/// <param name="How"><c>call</c>, <c>implicit</c>, <c>merged</c>, <c>no-op</c> or <c>absent</c>; empty in a flow that leaves it to those that extend it.</param>
/// <param name="Reason">For every <paramref name="How"/> but <c>call</c>: the exit, fault, other row or reason.</param>
/// <param name="Match">The crossings that make the row, all of which must occur; the first is the one that is drawn.</param>
/// <param name="After">Rows whose crossings must come earlier.</param>
/// <param name="When">Predicates over the state vector when the row's first crossing begins, as <c>variable=value|value</c>.</param>
/// <param name="Provenance">Doc, source, status, since.</param>
public sealed record FlowRow(
    string Row,
    string Actor,
    string Step,
    string How,
    string Reason,
    EquatableArray<FlowMatch> Match,
    EquatableArray<string> After,
    EquatableArray<string> When,
    Provenance Provenance);
