using TeeIo.Abi.Model;

namespace TeeIo.Abi;

/// <summary>A spec whose references are resolved and whose records are laid out, and everything that is wrong with it.</summary>
/// <param name="Path">Path of its file.</param>
/// <param name="Spec">The spec, or null where the text was too broken.</param>
/// <param name="Diagnostics">What is wrong, the text itself included, in the order of the text.</param>
public sealed record CheckedSpec(string Path, AbiSpec? Spec, EquatableArray<AbiDiagnostic> Diagnostics);
