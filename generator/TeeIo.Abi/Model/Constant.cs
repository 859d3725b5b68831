namespace TeeIo.Abi.Model;

/// <summary>A named number.</summary>
public sealed record Constant(string Name, ulong Value, Provenance Provenance);
