using System.Collections.Immutable;

namespace TeeIo.Flow;

/// <summary>A flow as one vendor runs it under one profile.</summary>
/// <param name="Name">Name of the flow's spec.</param>
/// <param name="Profile">The profile.</param>
/// <param name="Columns">The chart's columns, left to right.</param>
/// <param name="Effects">How crossings change the state vector.</param>
/// <param name="Rows">The rows, in chart order.</param>
public sealed record FlowProfile(
    string Name, string Profile, ImmutableArray<FlowColumn> Columns, ImmutableArray<FlowEffect> Effects, ImmutableArray<FlowRow> Rows);
