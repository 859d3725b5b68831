using TeeIo.Abi.Model;
using TeeIo.Abi.Symbols;

namespace TeeIo.Generator;

/// <summary>A spec with all that its output depends on.</summary>
/// <param name="Source">The spec.</param>
/// <param name="Visible">What it sees of others.</param>
/// <param name="Extended">For flows: those that it extends, the nearest first.</param>
internal sealed record SpecInput(SpecSource Source, SymbolTable Visible, EquatableArray<AbiSpec> Extended);
