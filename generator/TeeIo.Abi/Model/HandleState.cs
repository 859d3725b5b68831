namespace TeeIo.Abi.Model;

/// <summary>ops: a handle known to be in a state. It is a type of its own, so that an op which wants that state can't be called in another.</summary>
/// <param name="Name">Name of the C# type (<c>UnlockedTdi</c>).</param>
/// <param name="When">The state, as one predicate over the flow's state vector.</param>
/// <param name="Provenance">Doc, source, status, since.</param>
public sealed record HandleState(string Name, string When, Provenance Provenance);
