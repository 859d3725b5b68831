namespace TeeIo.Flow.Ftrace;

/// <summary>A line of a trace can't be read.</summary>
public sealed class FtraceFormatException : FormatException
{
    /// <summary>Says which line, what is wrong with it and what to do.</summary>
    public FtraceFormatException(int line, string problem)
        : base(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"line {line}: {problem}")) => Line = line;

    /// <summary>The line, from 1.</summary>
    public int Line { get; }
}
