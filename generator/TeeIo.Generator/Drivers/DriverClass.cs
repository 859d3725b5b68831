using TeeIo.Abi.Model;

namespace TeeIo.Generator.Drivers;

/// <summary>A class with <c>[TsmDriver]</c>.</summary>
/// <param name="Namespace">Its namespace; empty for the global one.</param>
/// <param name="Declaration">Its name with its type parameters.</param>
/// <param name="Name">Its name.</param>
/// <param name="Problem">Why it can't be a driver; empty where it can.</param>
/// <param name="Place">Where its name stands.</param>
/// <param name="Missing">The ops that it doesn't fill.</param>
internal sealed record DriverClass(string Namespace, string Declaration, string Name, string Problem, SourcePlace Place, EquatableArray<MissingOp> Missing)
{
    /// <summary>Name of the file with its stubs.</summary>
    public string HintName => $"{(Namespace.Length > 0 ? Namespace + "." : "")}{Name}.Stubs.g.cs";
}
