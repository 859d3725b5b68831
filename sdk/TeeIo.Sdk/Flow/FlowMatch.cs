using System.Collections.Immutable;

namespace TeeIo.Flow;

/// <summary>What a crossing must look like to make a row or an effect.</summary>
/// <param name="Call">Name of the call.</param>
/// <param name="Side">The side.</param>
/// <param name="Within">A call that must enclose it, or null.</param>
/// <param name="Where">Conditions on arguments: name and number or enum value.</param>
/// <param name="Result"><c>ok</c>, <c>any</c>, or the name of an error.</param>
/// <param name="Last">Whether the last matching crossing is meant, not the first.</param>
public sealed record FlowMatch(
    string Call, CrossingSide Side, string? Within, ImmutableArray<KeyValuePair<string, string>> Where, string Result, bool Last);
