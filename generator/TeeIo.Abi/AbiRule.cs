namespace TeeIo.Abi;

/// <summary>One kind of wrong.</summary>
/// <param name="Id">Stable id; <c>generator/docs/{Id}.md</c> explains it.</param>
/// <param name="Title">What is wrong, in general.</param>
/// <param name="Format">What is wrong in particular, with placeholders.</param>
/// <param name="Severity">How bad it is.</param>
public sealed record AbiRule(string Id, string Title, string Format, AbiSeverity Severity = AbiSeverity.Error);
