namespace TeeIo.Flow;

/// <summary>A value in a carrier's record that tells one carried call from another.</summary>
/// <param name="Offset">Byte offset in that record.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Value">What stands there.</param>
public sealed record CallSelector(int Offset, int Size, ulong Value);
