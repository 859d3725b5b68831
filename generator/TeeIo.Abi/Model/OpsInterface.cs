namespace TeeIo.Abi.Model;

/// <summary>A table of operations.</summary>
/// <param name="Name">Name in the spec (<c>link-ops</c>).</param>
/// <param name="ClassName">Stem of the generated names (<c>HostTsm</c> gives <c>IHostTsm</c> and <c>HostTsmBoundary</c>).</param>
/// <param name="IsDriver">Whether vendors fill it: they get a class to derive from.</param>
/// <param name="Sides">Actors.</param>
/// <param name="Ops">The operations.</param>
/// <param name="Provenance">Doc, source, status, since.</param>
public sealed record OpsInterface(string Name, string ClassName, bool IsDriver, Sides Sides, EquatableArray<Call> Ops, Provenance Provenance);
