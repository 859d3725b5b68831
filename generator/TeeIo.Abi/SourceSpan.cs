namespace TeeIo.Abi;

/// <summary>A stretch of a spec's text. Lines and columns count from 1; the end is the position after the last character.</summary>
public readonly record struct SourceSpan(int Line, int Column, int EndLine, int EndColumn)
{
    /// <summary>The start of a text: where there is nothing better to point at.</summary>
    public static SourceSpan Start => new(1, 1, 1, 1);
}
