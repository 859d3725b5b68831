using System.Globalization;
using TeeIo.Flow;

namespace TeeIo.Cli.Tests.Explorer;

/// <summary>A schedule that leads to something wrong.</summary>
/// <param name="Problems">What is wrong.</param>
/// <param name="Points">The choices that led there.</param>
/// <param name="Trace">What happened.</param>
/// <param name="Report">The flow of the TDI that it concerns, as far as it went.</param>
internal sealed record FailingSchedule(IReadOnlyList<string> Problems, IReadOnlyList<ExploredPoint> Points, IReadOnlyList<Crossing> Trace, FlowReport Report)
{
    public int Preemptions => Points.Count(p => p.IsPreemption(p.Chosen));

    /// <summary>The schedule in words, and the flow's own chart.</summary>
    public string Describe()
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        text.WriteLine($"{string.Join("\n", Problems)}\n\nThe schedule, with {Preemptions} preemptions:");
        string? runs = null;
        foreach (ExploredPoint point in Points)
        {
            string next = point.Ready[point.Chosen];
            if (next == runs) continue;
            text.WriteLine($"  {(runs is null || !point.IsPreemption(point.Chosen) ? string.Empty : $"{runs} is preempted{Place(runs, point.Crossings)}; ")}{next} runs");
            runs = next;
        }

        text.WriteLine();
        TextChart.Write(text, Report, colour: false);
        return text.ToString();
    }

    /// <summary>What a task had done last by a point of the trace.</summary>
    private string Place(string task, int crossings) =>
        Trace.LastOrDefault(c => c.Task == task && c.Sequence < crossings) is { } last ? $" after {last.Call.Name} ({last.Side}, at {last.Sequence})" : string.Empty;
}
