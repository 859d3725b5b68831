using System.Globalization;

namespace TeeIo.Flow.Ftrace;

/// <summary>Pairs the beginnings and ends of calls, task by task, and makes crossings of them.</summary>
/// <param name="meaning">What the events stand for.</param>
internal sealed class KernelTraceBuilder(ProbeMeaning meaning)
{
    private const string End = "_ret";
    private const int MostRemarks = 5;
    private readonly List<Crossing> _crossings = [];
    private readonly List<FtraceEvent> _places = [];
    private readonly Dictionary<int, Stack<OpenCall>> _open = [];
    private readonly List<string> _unpaired = [];
    private readonly Dictionary<string, int> _unknown = new(StringComparer.Ordinal);

    public IReadOnlyList<Crossing> Crossings => _crossings;

    /// <summary>The event behind each position of the trace.</summary>
    public IReadOnlyList<FtraceEvent> Places => _places;

    public DeviceNames Devices { get; } = new();

    public void Take(FtraceEvent e)
    {
        if (!_open.TryGetValue(e.Pid, out Stack<OpenCall>? calls)) _open[e.Pid] = calls = new Stack<OpenCall>();
        if (meaning.IsCall(e.Name)) calls.Push(Begin(e, calls));
        else if (e.Name.EndsWith(End, StringComparison.Ordinal) && meaning.IsCall(e.Name[..^End.Length])) Finish(e, e.Name[..^End.Length], calls);
        else Devices.Note(e, calls.Select(c => c.Begun));
    }

    /// <summary>What couldn't be read as it should be.</summary>
    public IEnumerable<string> Remarks()
    {
        IEnumerable<string> still = _open.Values.SelectMany(c => c).OrderBy(c => c.Begun.Line)
            .Select(c => string.Create(CultureInfo.InvariantCulture, $"line {c.Begun.Line}: {c.Begun.Name} of {c.Begun.Task}-{c.Begun.Pid} has no end in the trace"));
        List<string> unpaired = [.. _unpaired, .. still];
        foreach (string remark in unpaired.Take(MostRemarks)) yield return remark;
        if (unpaired.Count > MostRemarks) yield return string.Create(CultureInfo.InvariantCulture, $"{unpaired.Count - MostRemarks} more calls are without their beginning or end");
        foreach ((string call, int count) in _unknown.OrderBy(u => u.Key, StringComparer.Ordinal).Take(MostRemarks))
            yield return string.Create(CultureInfo.InvariantCulture, $"{call} is no call that this profile and vendor know ({count} times)");
        if (_unknown.Count > MostRemarks) yield return string.Create(CultureInfo.InvariantCulture, $"{_unknown.Count - MostRemarks} more calls are unknown here");
    }

    private OpenCall Begin(FtraceEvent e, Stack<OpenCall> enclosing)
    {
        IReadOnlyList<CallInfo> calls = meaning.Of(e);
        if (calls.Count == 0)
        {
            string what = e.Fields is [var selector, ..] ? $"{e.Name} {selector.Key}={selector.Value}" : e.Name;
            _unknown[what] = _unknown.GetValueOrDefault(what) + 1;
        }

        Crossing? parent = enclosing.SelectMany(c => c.Crossings.Reverse()).FirstOrDefault();
        string? subject = Devices.SubjectOf(e) ?? parent?.Subject;
        List<Crossing> opened = [];
        foreach (CallInfo call in calls)
        {
            byte[] input = ProbeArguments.Of(call, e, DeviceNames.IdOf(e));
            foreach (CrossingSide side in (ReadOnlySpan<CrossingSide>)[CrossingSide.Client, CrossingSide.Server])
            {
                parent = new Crossing(_places.Count, call, side, string.Create(CultureInfo.InvariantCulture, $"{e.Task}-{e.Pid}"), subject, parent, input);
                _places.Add(e);
                _crossings.Add(parent);
                opened.Add(parent);
            }
        }

        return new OpenCall(e, [.. opened]);
    }

    private void Finish(FtraceEvent e, string name, Stack<OpenCall> calls)
    {
        if (!calls.Any(c => c.Begun.Name == name))
        {
            _unpaired.Add(string.Create(CultureInfo.InvariantCulture, $"line {e.Line}: {name} of {e.Task}-{e.Pid} ends, and the trace has no beginning of it"));
            return;
        }

        OpenCall call = calls.Pop();
        for (; call.Begun.Name != name; call = calls.Pop())
            _unpaired.Add(string.Create(CultureInfo.InvariantCulture, $"line {call.Begun.Line}: {call.Begun.Name} of {e.Task}-{e.Pid} has no end in the trace"));
        foreach (Crossing crossing in call.Crossings.Reverse())
        {
            byte[] output = ProbeArguments.Of(crossing.Call, e, DeviceNames.IdOf(call.Begun));
            crossing.Close(_places.Count, Outcome(crossing.Call, e), output, threw: false);
            _places.Add(e);
        }

        Devices.Attribute(call);
    }

    /// <summary>What a call gave back. Functions without a result succeed; a count of written bytes is sysfs's success.</summary>
    private static long Outcome(CallInfo call, FtraceEvent e)
    {
        if (!e.TryGetNumber("ret", out ulong value)) return 0;
        long outcome = unchecked((long)value);
        if (call.Outcome == OutcomeKind.Code && outcome != 0 && e.TryGetNumber("error", out ulong error) && error != 0) return unchecked((long)error);
        return e.Fields.Any(f => f.Key == "written") && outcome > 0 ? 0 : outcome;
    }
}
