namespace TeeIo.Abi.Model;

/// <summary>How much of a base spec a profile takes.</summary>
/// <param name="Spec">Name of the base spec.</param>
/// <param name="LastNumber">The last call number that the profile takes from it.</param>
public sealed record ProfileBase(string Spec, ulong LastNumber);
