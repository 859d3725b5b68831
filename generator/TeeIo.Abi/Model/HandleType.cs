namespace TeeIo.Abi.Model;

/// <summary>ops: an object of the program that ops pass to each other.</summary>
/// <param name="Name">Name in the spec (<c>tdi</c>).</param>
/// <param name="CSharpType">Full name of its C# type (<c>TeeIo.Tsm.Tdi</c>).</param>
/// <param name="States">States in which ops may want it, each a type of its own; empty where its state isn't known.</param>
/// <param name="Provenance">Doc, source, status, since.</param>
public sealed record HandleType(string Name, string CSharpType, EquatableArray<HandleState> States, Provenance Provenance);
