namespace TeeIo.Abi.Symbols;

/// <summary>An ioctl's object or an ops interface as other specs see it.</summary>
public sealed record OwnerSymbol(string Name, string ClassName);
