using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace TeeIo.Benchmarks;

/// <summary>A file among a project's <c>AdditionalFiles</c>, as the editor holds it: in memory, read once.</summary>
internal sealed class MemoryText(string path, string text) : AdditionalText
{
    private readonly SourceText _text = SourceText.From(text);

    public override string Path => path;

    public override SourceText GetText(CancellationToken cancellationToken = default) => _text;
}
