using TeeIo.Abi.Model;

namespace TeeIo.Abi.Symbols;

/// <summary>A call or op as other specs see it.</summary>
/// <param name="Name">The field's own name. References to an op put its <see cref="Owner"/> and a dot before it, as two interfaces may have ops of one name.</param>
/// <param name="MethodName">Name of the generated method.</param>
/// <param name="Owner">ioctl: name of its object; ops: name of its interface; else empty.</param>
/// <param name="ClassName">Stem of the generated names of its owner; empty where it has none.</param>
/// <param name="Number">Its number, or null.</param>
/// <param name="Request">ioctl: the whole request number, or null.</param>
/// <param name="SubCallOf">The call that carries it, or null.</param>
/// <param name="Argument">The record that goes in, or null.</param>
/// <param name="Result">The record that comes back, or null.</param>
/// <param name="Arguments">Everything that is recorded of it: fields of its records, arguments and results.</param>
/// <param name="Errors">Names of its errors.</param>
public sealed record CallSymbol(
    string Name,
    string MethodName,
    string Owner,
    string ClassName,
    ulong? Number,
    uint? Request,
    string? SubCallOf,
    string? Argument,
    string? Result,
    EquatableArray<FieldSymbol> Arguments,
    EquatableArray<string> Errors);
