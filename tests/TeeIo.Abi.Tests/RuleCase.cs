namespace TeeIo.Abi.Tests;

/// <summary>A wrong spec and the rule that it breaks, at the place marked with <c>§</c>.</summary>
internal sealed record RuleCase(string Id, string Marked, string? Other = null);
