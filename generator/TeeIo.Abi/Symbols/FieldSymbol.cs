using TeeIo.Abi.Model;

namespace TeeIo.Abi.Symbols;

/// <summary>A field, argument or result as other specs see it: without docs, so that editing those changes nothing elsewhere.</summary>
/// <param name="Name">Name in the spec.</param>
/// <param name="Type">Its type, by its name in the spec that declares it.</param>
/// <param name="Offset">Bytes from the start.</param>
/// <param name="Size">Bytes, all elements together.</param>
/// <param name="Count">Number of elements, 0 for a flexible array.</param>
/// <param name="Role">What a binding does with it.</param>
/// <param name="Values">Names of the values, where the type is an enumeration.</param>
/// <param name="Bits">The bits inside the scalar; null for all.</param>
/// <param name="Constant">For <see cref="FieldRole.Constant"/>: the value.</param>
public sealed record FieldSymbol(
    string Name, string Type, int Offset, int Size, int Count, FieldRole Role, EquatableArray<string> Values, BitRange? Bits = null, ulong Constant = 0);
