using TeeIo.Abi.Model;

namespace TeeIo.Abi.Tool.Headers;

/// <summary>A member of a record. Those of members without a type of their own stand beside the rest, as <c>member.inner</c>.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type in C, without array bounds.</param>
/// <param name="Offset">Bytes from the record's start.</param>
/// <param name="Size">Bytes; 0 for an array that ends the record and whose length it doesn't state.</param>
/// <param name="Count">Elements: 1 where it is no array, 0 where their number isn't stated.</param>
/// <param name="Line">Line in the header.</param>
/// <param name="Bits">Its bits, counted from the offset; null where it is no bit field.</param>
internal sealed record HeaderMember(string Name, string Type, int Offset, int Size, int Count, int Line, BitRange? Bits = null)
{
    /// <summary>The first byte after it.</summary>
    public int End => Offset + Size;
}
