using TeeIo.Abi.Model;

namespace TeeIo.Abi.Symbols;

/// <summary>A flow's row as other specs see it.</summary>
public sealed record RowSymbol(string Row, string Actor, EquatableArray<string> After);
