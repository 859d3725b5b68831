using System.Globalization;
using Microsoft.CodeAnalysis;

namespace TeeIo.Benchmarks;

/// <summary>Measures everything and writes it as tables of Markdown.</summary>
internal sealed class Report(TextWriter output, FileInfo? library, Subject? peer, int rounds)
{
    /// <summary>Spec files of the comparison.</summary>
    public const int Files = 10;

    private const int Processes = 7;
    private static readonly int[] s_growth = [10, 100, 1000];

    /// <summary>All tables.</summary>
    public void Write()
    {
        Compare();
        output.WriteLine();
        Grow();
    }

    private void Compare()
    {
        output.WriteLine($"{Files} spec files, milliseconds as minimum / median / nine of ten, {rounds} rounds; first runs: {Processes} processes each.");
        output.WriteLine();
        Row("", Subject.TeeIo.Name, peer?.Name ?? "", "ratio");
        Row("---", "---", "---", "---");
        Row("output", $"{Output(Subject.TeeIo)} KiB", peer is null ? "" : $"{Output(peer)} KiB", "");
        double[] ours = FirstRun.InProcesses(Processes, "--first-run", "ours");
        double[] theirs = library is null ? [] : FirstRun.InProcesses(Processes, "--first-run", "peer", "--peer", library.FullName);
        Row("first run in a process", First(ours), theirs.Length == 0 ? "" : First(theirs), theirs.Length == 0 ? "" : Ratio(ours[ours.Length / 2], theirs[theirs.Length / 2]));
        Row("fresh driver", s => Edits.Fresh(s, Files, rounds));
        Row("edit of C# that has nothing to do with it", s => Edits.CSharp(s, Files, rounds));
        Row("edit of one spec", s => Edits.Spec(s, Files, rounds));
        Row("edit of a comment in one spec", s => Edits.Comment(s, Files, rounds, round => s == peer ? $"<!-- {round} -->" : $"# {round}\n"));
    }

    private void Grow()
    {
        Row("spec files", "fresh driver", "edit of C#", "edit of one spec", peer is null ? "" : $"edit of one file, {peer.Name}");
        Row("---", "---", "---", "---", "---");
        foreach (int files in s_growth)
        {
            int fewer = Math.Max(5, rounds * s_growth[0] / files);
            int edits = Math.Max(20, fewer);
            Row(
                Number(files), Both(Edits.Fresh(Subject.TeeIo, files, fewer)), Both(Edits.CSharp(Subject.TeeIo, files, edits)), Both(Edits.Spec(Subject.TeeIo, files, edits)),
                peer is null ? "" : Both(Edits.Spec(peer, files, edits)));
        }
    }

    private void Row(string what, Func<Subject, Sample> measure)
    {
        Sample ours = measure(Subject.TeeIo);
        if (peer is null)
        {
            Row(what, Both(ours), "", "");
            return;
        }

        Sample theirs = measure(peer);
        string ratio = $"time {Ratio(ours.Median, theirs.Median)}, allocation {Ratio(ours.Allocated, theirs.Allocated)}";
        Row(what, Both(ours), Both(theirs), ratio);
    }

    private void Row(params IEnumerable<string> cells) => output.WriteLine($"| {string.Join(" | ", cells)} |");

    private static string Output(Subject subject)
    {
        GeneratorDriverRunResult result = subject.Driver(subject.Files(Files)).RunGenerators(Workload.Compilation).GetRunResult();
        return result.Diagnostics.IsEmpty && result.Results.All(r => r.Exception is null)
            ? Number(result.Results.SelectMany(r => r.GeneratedSources).Sum(s => s.SourceText.Length) / 1024)
            : throw new InvalidOperationException($"{subject.Name} isn't content with the corpus: {result.Diagnostics.FirstOrDefault()}{result.Results[0].Exception}");
    }

    private static string First(double[] times) => $"{Time(times[0])} / {Time(times[times.Length / 2])} / {Time(times[^1])}";

    private static string Both(Sample sample) => $"{Times(sample)}, {Kibibytes(sample)}";

    private static string Times(Sample sample) => $"{Time(sample.Minimum)} / {Time(sample.Median)} / {Time(sample.Slow)}";

    private static string Time(double time) => time.ToString(time < 1 ? "0.000" : time < 100 ? "0.0" : "0", CultureInfo.InvariantCulture);

    private static string Kibibytes(Sample sample) => (sample.Allocated / 1024.0).ToString("0.#", CultureInfo.InvariantCulture) + " KiB";

    private static string Ratio(double ours, double theirs) => (ours / theirs).ToString("0.000", CultureInfo.InvariantCulture);

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
