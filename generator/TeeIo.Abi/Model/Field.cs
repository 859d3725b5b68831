namespace TeeIo.Abi.Model;

/// <summary>One field of a record, or one argument or result of a call.</summary>
/// <param name="Name">Name in the spec: the C name where there is one.</param>
/// <param name="Type">A scalar (<c>u8</c> … <c>s64</c>, <c>fd</c>, <c>bool</c>), or the name of an id, enum or record; for ops also a handle or <c>bytes</c>.</param>
/// <param name="Count">1 for a plain field, n for an array, 0 for a trailing flexible array.</param>
/// <param name="Offset">Bytes from the record's start; for registers, 8 × the register's index in <c>rax rcx rdx rbx rsp rbp rsi rdi r8 … r15</c>, or its offset in the spec's own <see cref="RegisterBlock"/>.</param>
/// <param name="Size">Bytes, all elements together.</param>
/// <param name="Register">For register calls: the register, else null.</param>
/// <param name="Bits">The bits inside the scalar or register; null for all.</param>
/// <param name="Role">What the binding does with it.</param>
/// <param name="Direction">Who writes it.</param>
/// <param name="Constant">For <see cref="FieldRole.Constant"/>: the value.</param>
/// <param name="Target">For pointers: the element type that it points to (<c>u8</c> for bytes).</param>
/// <param name="LengthField">For pointers and flexible arrays: the field that holds the element count, or the byte length where that field's unit is bytes.</param>
/// <param name="InIf">A flag without which an inout field is ignored on the way in.</param>
/// <param name="Unit">Unit in words (<c>bytes</c>, <c>pages</c> …), or null.</param>
/// <param name="Provenance">Doc, source, status, since.</param>
/// <param name="IsOptional">For registers with a bitmap of those that count: whether this one may be missing, and is zero then.</param>
/// <param name="CName">Name in C where it differs; <c>none</c> where it has none.</param>
public sealed record Field(
    string Name,
    string Type,
    int Count,
    int Offset,
    int Size,
    string? Register,
    BitRange? Bits,
    FieldRole Role,
    Direction Direction,
    ulong Constant,
    string? Target,
    string? LengthField,
    string? InIf,
    string? Unit,
    Provenance Provenance,
    bool IsOptional = false,
    string? CName = null);
