namespace TeeIo.Abi;

/// <summary>Something wrong with a spec: what, where, and what to do.</summary>
/// <param name="Id">Id of its rule, such as <c>ABI0005</c>.</param>
/// <param name="Title">Title of its rule.</param>
/// <param name="Message">The message.</param>
/// <param name="Path">Path of the file.</param>
/// <param name="Line">First line, from 1.</param>
/// <param name="Column">First column, from 1.</param>
/// <param name="EndLine">Last line, from 1.</param>
/// <param name="EndColumn">Column after the last character, from 1.</param>
/// <param name="Severity">How bad it is.</param>
public sealed record AbiDiagnostic(
    string Id, string Title, string Message, string Path, int Line, int Column, int EndLine, int EndColumn, AbiSeverity Severity)
{
    /// <summary>As compilers print it.</summary>
    public override string ToString() => $"{Path}({Line},{Column}): {(Severity == AbiSeverity.Error ? "error" : "warning")} {Id}: {Message}";
}
