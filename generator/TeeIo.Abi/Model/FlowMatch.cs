namespace TeeIo.Abi.Model;

/// <summary>What a crossing must look like.</summary>
/// <param name="Call">Name of the call; for ops <c>interface.op</c>.</param>
/// <param name="Side"><c>client</c> or <c>server</c>.</param>
/// <param name="Within">Call that must enclose it (at any depth), or null.</param>
/// <param name="Where">Conditions on recorded arguments, as <c>name=number-or-enum-value</c>.</param>
/// <param name="Result"><c>ok</c>, <c>any</c>, or the name of an error.</param>
/// <param name="Occurrence"><c>first</c> (the default) or <c>last</c> of the matching crossings.</param>
public sealed record FlowMatch(string Call, string Side, string? Within, EquatableArray<string> Where, string Result, string Occurrence);
