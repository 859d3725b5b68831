namespace TeeIo.Abi.Model;

/// <summary>What every item of a spec carries beside its facts.</summary>
/// <param name="Doc">What it is or does, in one or a few sentences.</param>
/// <param name="Source">Where the fact comes from; the enclosing item's if not its own.</param>
/// <param name="Status">How well founded it is; the enclosing item's if not its own.</param>
/// <param name="Since">First version that has it, or null where unknown.</param>
/// <param name="Until">First version that no longer has it, or null while it is there.</param>
/// <param name="Generation">The generation of the interface that it belongs to, where numbers were used anew with another meaning; null where there is one only.</param>
public sealed record Provenance(string Doc, string Source, AbiStatus Status, string? Since, string? Until = null, string? Generation = null);
