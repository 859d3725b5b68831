namespace TeeIo.Generator.Emit;

/// <summary>One argument or result in the recorded bytes of a crossing.</summary>
/// <param name="Name">Name in the spec.</param>
/// <param name="Type">Its type in the spec.</param>
/// <param name="Offset">Byte offset of the scalar that holds it.</param>
/// <param name="Size">Bytes of that scalar.</param>
/// <param name="LowBit">Its lowest bit there.</param>
/// <param name="BitCount">Its number of bits; 0 for all.</param>
/// <param name="IsInput">Whether the caller writes it.</param>
/// <param name="IsOutput">Whether the callee writes it.</param>
/// <param name="IsCount">Whether it counts something, and so reads best in decimal.</param>
internal sealed record RecordedArgument(string Name, string Type, int Offset, int Size, int LowBit, int BitCount, bool IsInput, bool IsOutput, bool IsCount);
