using System.Text;

namespace TeeIo.Flow.Ftrace;

/// <summary>Reads a text line by line and never holds more than one line of bounded length.</summary>
/// <param name="reader">The text.</param>
internal sealed class BoundedLines(TextReader reader)
{
    /// <summary>Most characters of a line. A probe's event takes less than a kilobyte.</summary>
    public const int MaxLength = 16 * 1024;

    private readonly StringBuilder _line = new();

    /// <summary>Number of the line that was read last, from 1.</summary>
    public int Number { get; private set; }

    /// <summary>The next line, or null at the end.</summary>
    /// <exception cref="FtraceFormatException">It is too long, or no text.</exception>
    public string? Next()
    {
        _line.Clear();
        int c = reader.Read();
        if (c < 0) return null;
        Number++;
        for (; c >= 0 && c != '\n'; c = reader.Read())
        {
            if (c == 0) throw new FtraceFormatException(Number, "this is no text. A trace.dat of trace-cmd must be turned into text first: trace-cmd report > FILE");
            if (_line.Length == MaxLength) throw new FtraceFormatException(Number, $"it has more than {MaxLength} characters. No event has; this is no text of ftrace");
            _line.Append((char)c);
        }

        if (_line.Length > 0 && _line[^1] == '\r') _line.Length--;
        return _line.ToString();
    }
}
