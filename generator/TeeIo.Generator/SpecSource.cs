using TeeIo.Abi;

namespace TeeIo.Generator;

/// <summary>A spec's document and what the compilation wants of it.</summary>
/// <param name="Document">The document.</param>
/// <param name="IsEmitted">Whether C# is generated here; false where the types come from another assembly.</param>
internal sealed record SpecSource(SpecDocument Document, bool IsEmitted);
