using TeeIo.Abi;
using TeeIo.Abi.Model;
using TeeIo.Abi.Symbols;

namespace TeeIo.Generator;

/// <summary>A checked spec with all that its output depends on.</summary>
/// <param name="Checked">The spec and what is wrong with it.</param>
/// <param name="IsEmitted">Whether C# is generated here.</param>
/// <param name="Visible">What it sees of others.</param>
/// <param name="Extended">For flows: those that it extends, the nearest first.</param>
internal sealed record EmitInput(CheckedSpec Checked, bool IsEmitted, SymbolTable Visible, EquatableArray<AbiSpec> Extended);
