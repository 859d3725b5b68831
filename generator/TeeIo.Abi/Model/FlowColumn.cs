namespace TeeIo.Abi.Model;

/// <summary>A column of the chart: an actor and its heading.</summary>
public sealed record FlowColumn(string Actor, string Title);
