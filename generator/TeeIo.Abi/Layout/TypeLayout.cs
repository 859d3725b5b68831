namespace TeeIo.Abi.Layout;

/// <summary>How much room a type takes.</summary>
/// <param name="Size">Bytes.</param>
/// <param name="Alignment">Bytes.</param>
public readonly record struct TypeLayout(int Size, int Alignment);
