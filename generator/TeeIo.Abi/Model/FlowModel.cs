namespace TeeIo.Abi.Model;

/// <summary>A flow: the chart's columns, how crossings change the state vector, and the rows.</summary>
/// <param name="ClassName">Name of the generated static property (<c>TdxSeed202505</c>), or null where nothing is generated.</param>
/// <param name="Extends">Name of the flow whose columns, effects and rows this one completes, or null.</param>
/// <param name="Columns">The chart's columns, left to right.</param>
/// <param name="Effects">How crossings change the state vector.</param>
/// <param name="Rows">The rows, in chart order.</param>
public sealed record FlowModel(
    string? ClassName, string? Extends, EquatableArray<FlowColumn> Columns, EquatableArray<FlowEffect> Effects, EquatableArray<FlowRow> Rows);
