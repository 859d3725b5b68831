namespace TeeIo.Flow;

/// <summary>A column of the chart.</summary>
/// <param name="Actor">The actor.</param>
/// <param name="Title">Its heading.</param>
public sealed record FlowColumn(string Actor, string Title);
