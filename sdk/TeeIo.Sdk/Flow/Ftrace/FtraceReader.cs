using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;

namespace TeeIo.Flow.Ftrace;

/// <summary>Reads a kernel's trace as text: the files <c>trace</c> and <c>trace_pipe</c> of tracefs, or what <c>trace-cmd report</c> prints.</summary>
public static partial class FtraceReader
{
    /// <summary>What the names of the recorder's events begin with. All others are passed over.</summary>
    public const string Prefix = "teeio_";

    /// <summary>The field with an ioctl's request number.</summary>
    public const string Request = "cmd";

    /// <summary>Reads a trace to its end.</summary>
    /// <param name="reader">The text.</param>
    /// <exception cref="FtraceFormatException">A line is none that ftrace prints, or goes back in time.</exception>
    public static FtraceRecording Read(TextReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var lines = new BoundedLines(reader);
        var state = new State();
        while (lines.Next() is { } line) state.Take(line, lines.Number);
        return new FtraceRecording([.. state.Events], state.Others, [.. state.Losses], state.Probes?.ToImmutableHashSet(StringComparer.Ordinal), [.. state.Unset]);
    }

    // The name is what the task calls itself, up to 15 characters of any kind; what follows it is the kernel's.
    [GeneratedRegex(@"^\s*(?<task>.{0,16})-(?<pid>\d{1,10})\s+(?:\([\s\d-]{1,12}\)\s+)?\[\d{1,6}\]\s+(?:[^\s:]{1,16}\s+)?(?<time>\d{1,16}(?:\.\d{1,9})?):\s+(?:[\w.-]+:)?(?<name>[\w.-]+):(?:\s+(?<rest>.*))?$", RegexOptions.CultureInvariant)]
    private static partial Regex Event();

    [GeneratedRegex(@"^(?:CPU:\d+ \[(?:LOST )?(?<count>\d+)? ?EVENTS(?: DROPPED)?\])$", RegexOptions.CultureInvariant)]
    private static partial Regex Loss();

    // What trace-cmd says before the events, and the lines of a stack.
    [GeneratedRegex(@"^(?:cpus=\d+|version = \d+|CPU \d+ is empty| => .*|\s*)$", RegexOptions.CultureInvariant)]
    private static partial Regex Nothing();

    [GeneratedRegex(@"^#\s*entries-in-buffer/entries-written:\s*(?<kept>\d{1,18})/(?<written>\d{1,18})\b", RegexOptions.CultureInvariant)]
    private static partial Regex Entries();

    [GeneratedRegex(@"^# teeio: (?<set>not probed|probed) " + Prefix + @"(?<probe>\w+)(?<more>.*)$", RegexOptions.CultureInvariant)]
    private static partial Regex Said();

    // Where the probe stands: (function+0x0/0x10), (caller <- function), or addresses.
    [GeneratedRegex(@"^\((?<place>[^()""]*)\)(?=\s|$)", RegexOptions.CultureInvariant)]
    private static partial Regex PlaceOfProbe();

    [GeneratedRegex(@"\G\s+(?<field>[A-Za-z_]\w*)=(?<value>""[^""]*""|\(fault\)|-?\w+)(?=\s|$)", RegexOptions.CultureInvariant)]
    private static partial Regex Field();

    private sealed class State
    {
        private decimal _time;

        public List<FtraceEvent> Events { get; } = [];

        public int Others { get; private set; }

        public List<string> Losses { get; } = [];

        public HashSet<string>? Probes { get; private set; }

        public List<string> Unset { get; } = [];

        public void Take(string line, int number)
        {
            if (line.StartsWith('#')) Comment(line, number);
            else if (Event().Match(line) is { Success: true } e) AddEvent(e, number);
            else if (Loss().Match(line) is { Success: true } loss) Losses.Add(Lost(loss.Groups["count"].Value, number));
            else if (!Nothing().IsMatch(line)) throw new FtraceFormatException(number, "this is no line of an event. Record with tracer nop (echo nop > current_tracer), and pass the trace as it was written");
        }

        private static string Lost(string count, int line) => string.Create(CultureInfo.InvariantCulture, $"line {line}: {(count.Length == 0 ? "some" : count)} events were lost");

        private void Comment(string line, int number)
        {
            if (Said().Match(line) is { Success: true } said)
            {
                Probes ??= new HashSet<string>(StringComparer.Ordinal);
                if (said.Groups["set"].Value == "probed") Probes.Add(said.Groups["probe"].Value);
                else Unset.Add(said.Groups["probe"].Value + said.Groups["more"].Value);
            }
            else if (Entries().Match(line) is { Success: true } entries)
            {
                long lost = long.Parse(entries.Groups["written"].Value, CultureInfo.InvariantCulture) - long.Parse(entries.Groups["kept"].Value, CultureInfo.InvariantCulture);
                if (lost > 0) Losses.Add(Lost(lost.ToString(CultureInfo.InvariantCulture), number) + " at the beginning, since the buffer was full; record with a larger one");
            }
        }

        private void AddEvent(Match e, int number)
        {
            decimal time = decimal.Parse(e.Groups["time"].ValueSpan, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);
            if (time < _time) throw new FtraceFormatException(number, "it is earlier than the event before it. Traces of several CPUs must be merged by time, as the file trace and trace-cmd report are");
            _time = time;
            string name = e.Groups["name"].Value;
            if (!name.StartsWith(Prefix, StringComparison.Ordinal))
            {
                Others++;
                return;
            }

            if (!int.TryParse(e.Groups["pid"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out int pid)) throw new FtraceFormatException(number, "the task's id is no number that a kernel gives");
            Events.Add(new FtraceEvent(number, e.Groups["task"].Value, pid, time, name[Prefix.Length..], Fields(e.Groups["rest"].Value, name, number)));
        }

        private static ImmutableArray<KeyValuePair<string, string>> Fields(string rest, string name, int number)
        {
            Match place = PlaceOfProbe().Match(rest);
            if (!place.Success) throw new FtraceFormatException(number, $"{name} doesn't say where its probe stands, in brackets. Was the event set by another script than the recorder?");
            ImmutableArray<KeyValuePair<string, string>>.Builder fields = ImmutableArray.CreateBuilder<KeyValuePair<string, string>>();
            int at = place.Length;
            while (Field().Match(rest, at) is { Success: true } field)
            {
                fields.Add(new(field.Groups["field"].Value, field.Groups["value"].Value));
                at += field.Length;
            }

            string left = rest[at..].Trim();
            if (left.Length > 0) throw new FtraceFormatException(number, $"{name} has '{(left.Length > 40 ? left[..40] + "…" : left)}' where name=value should stand. Was the line cut off?");
            return fields.ToImmutable();
        }
    }
}
