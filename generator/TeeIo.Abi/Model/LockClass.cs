namespace TeeIo.Abi.Model;

/// <summary>ops: a lock that contracts name. Locks are declared outermost first.</summary>
public sealed record LockClass(string Name, Provenance Provenance);
