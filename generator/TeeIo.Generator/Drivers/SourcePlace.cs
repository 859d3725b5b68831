using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace TeeIo.Generator.Drivers;

/// <summary>A place in a source file, comparable by value and without hold on the file's tree.</summary>
/// <param name="Path">The file.</param>
/// <param name="Span">Characters.</param>
/// <param name="Lines">Lines and columns.</param>
internal sealed record SourcePlace(string Path, TextSpan Span, LinePositionSpan Lines)
{
    /// <summary>The place that <paramref name="location"/> is.</summary>
    public static SourcePlace Of(Location location)
    {
        FileLinePositionSpan lines = location.GetLineSpan();
        return new SourcePlace(lines.Path, location.SourceSpan, lines.Span);
    }

    /// <summary>As Roslyn knows places.</summary>
    public Location ToLocation() => Location.Create(Path, Span, Lines);
}
