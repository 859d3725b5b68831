namespace TeeIo.Flow;

/// <summary>One argument or result in the recorded bytes of a crossing.</summary>
/// <param name="Name">Its name in the spec.</param>
/// <param name="Offset">Byte offset of the scalar that holds it.</param>
/// <param name="Size">Bytes of that scalar: 1, 2, 4 or 8.</param>
/// <param name="LowBit">Its lowest bit there.</param>
/// <param name="BitCount">Its number of bits; 0 means the whole scalar.</param>
/// <param name="IsInput">Whether the caller writes it.</param>
/// <param name="IsOutput">Whether the callee writes it.</param>
/// <param name="Format">How it is shown.</param>
/// <param name="Names">For <see cref="ArgumentFormat.Names"/>: the names; else null.</param>
public sealed record ArgumentInfo(
    string Name, int Offset, int Size, int LowBit, int BitCount, bool IsInput, bool IsOutput, ArgumentFormat Format, ValueNames? Names = null);
