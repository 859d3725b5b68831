using TeeIo.Abi.Model;

namespace TeeIo.Generator.Drivers;

/// <summary>A class with <c>[TsmDriver]</c> that can be a driver.</summary>
/// <param name="Namespace">Its namespace; empty for the global one.</param>
/// <param name="Declaration">Its name with its type parameters.</param>
/// <param name="Name">Its name.</param>
/// <param name="Missing">The ops that it doesn't fill.</param>
internal sealed record DriverClass(string Namespace, string Declaration, string Name, EquatableArray<MissingOp> Missing)
{
    /// <summary>Name of the file with its stubs.</summary>
    public string HintName => $"{(Namespace.Length > 0 ? Namespace + "." : "")}{Name}.Stubs.g.cs";
}
