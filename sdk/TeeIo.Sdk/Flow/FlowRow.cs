using System.Collections.Immutable;

namespace TeeIo.Flow;

/// <summary>A row of the chart, as a profile accounts for it.</summary>
/// <param name="Row">Its number.</param>
/// <param name="Actor">Its column.</param>
/// <param name="Step">Its text.</param>
/// <param name="How">How it is accounted for.</param>
/// <param name="Reason">For every way but a call: the exit, fault, other row or reason.</param>
/// <param name="Match">The crossings that make it, all of which must occur; the first is drawn.</param>
/// <param name="After">Rows that must come earlier.</param>
/// <param name="When">Conditions on the state vector when it begins: variable and allowed values.</param>
/// <param name="Doc">What happens in it.</param>
public sealed record FlowRow(
    string Row,
    string Actor,
    string Step,
    RowHow How,
    string Reason,
    ImmutableArray<FlowMatch> Match,
    ImmutableArray<string> After,
    ImmutableArray<KeyValuePair<string, ImmutableArray<string>>> When,
    string Doc);
