namespace TeeIo.Abi.Model;

/// <summary>An error that a call lists, and what it means there.</summary>
public sealed record CallError(string Name, string Meaning);
