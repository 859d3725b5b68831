using TeeIo.Abi.Model;

namespace TeeIo.Abi;

/// <summary>One file as it was read: nothing is looked up in other files yet, and nothing is laid out.</summary>
/// <param name="Path">Path of the file.</param>
/// <param name="Spec">The spec as written, or null where the text is too broken to make anything of it. Offsets and sizes that it does not state are −1.</param>
/// <param name="Locations">Where each item stands.</param>
/// <param name="Diagnostics">What is wrong with the text by itself.</param>
public sealed record SpecDocument(string Path, AbiSpec? Spec, SourceMap Locations, EquatableArray<AbiDiagnostic> Diagnostics);
