namespace TeeIo.Abi.Model;

/// <summary>The calls that one operation makes, in order.</summary>
/// <param name="Name">Its name, unique in its spec.</param>
/// <param name="Steps">The calls.</param>
/// <param name="Provenance">Doc, source, status, since.</param>
public sealed record Sequence(string Name, EquatableArray<SequenceStep> Steps, Provenance Provenance);
