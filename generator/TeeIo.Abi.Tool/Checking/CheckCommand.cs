using System.CommandLine;
using System.Globalization;
using TeeIo.Abi.Tool.Output;

namespace TeeIo.Abi.Tool.Checking;

/// <summary><c>teeio-abi check</c>: the specs' own rules, and the specs against C headers.</summary>
internal static class CheckCommand
{
    private const string Indefinite = "?";

    public static Command Create()
    {
        Option<DirectoryInfo?> specs = CommonOptions.Specs();
        Option<DirectoryInfo[]> headers = new("--headers") { Description = "Folder of C headers to hold the specs against, such as /usr/include; may be given several times", DefaultValueFactory = _ => [] };
        Option<string> compiler = CommonOptions.Compiler();
        Option<bool> stats = new("--stats") { Description = "Say how much the specs hold" };
        Option<bool> lacking = new("--lacking") { Description = "List what each header doesn't have, too" };
        Option<OutputFormat> format = CommonOptions.Format();
        Command command = new("check", "Checks the specs' own rules, and sizes, offsets, values and numbers against C headers. Exit code 0 where nothing is wrong, 1 where something is.")
        {
            specs, headers, compiler, stats, lacking, format,
        };
        command.SetAction(parsed => Run(
            SpecFolder.Load(parsed.GetValue(specs)), [.. parsed.GetValue(headers)!.Select(h => h.FullName)], parsed.GetValue(compiler)!, parsed.GetValue(stats), parsed.GetValue(lacking),
            parsed.GetValue(format), Console.Out));
        return command;
    }

    /// <summary>Checks <paramref name="folder"/> and writes what is wrong.</summary>
    public static int Run(SpecFolder folder, IReadOnlyList<string> headers, string compiler, bool hasStats, bool hasLacking, OutputFormat format, TextWriter output)
    {
        List<Section> sections =
        [
            new("diagnostics", "Wrong specs", ["place", "severity", "id", "message"], [.. folder.Set.Diagnostics.Select(Row)]),
        ];
        bool isRight = folder.Set.Diagnostics.All(d => d.Severity != AbiSeverity.Error);
        string verdict = Invariant($"{folder.Set.Specs.Count} specs, {folder.Set.Diagnostics.Count} diagnostics");

        // Numbers of a wrong spec are nothing to compare with.
        List<HeaderComparison> comparisons = isRight ? [.. headers.Select(h => HeaderComparison.Of(folder, h, compiler))] : [];
        if (headers.Count > 0)
        {
            sections.Add(new("headers", "Headers", ["folder", "version", "agree", "differ", "lack"], [.. comparisons.Select(Summary)]));
            sections.Add(new("differences", "Differences", ["place", "C name", "expected", "found", "header", "why"], [.. comparisons.SelectMany(Differences)]));
            int differing = comparisons.Sum(c => c.Differences.Count);
            isRight &= differing == 0;
            verdict += Invariant($"; {comparisons.Sum(c => c.Agreeing)} facts agree with headers, {differing} differ");
        }

        if (hasLacking) sections.Add(new("lacking", "What headers don't have", ["place", "C name", "since", "header"], [.. comparisons.SelectMany(Lacking)]));
        if (hasStats) sections.Add(new("coverage", "Coverage", Coverage.Columns, Coverage.Rows(folder)));
        Report.Write(output, format, verdict, sections);
        return isRight ? ExitCode.Ok : ExitCode.Found;
    }

    private static IReadOnlyList<string?> Row(AbiDiagnostic d) =>
        [Invariant($"{d.Path}:{d.Line}:{d.Column}"), d.Severity == AbiSeverity.Error ? "error" : "warning", d.Id, d.Message];

    private static IReadOnlyList<string?> Summary(HeaderComparison c) =>
        [c.Headers, c.Version?.ToString() ?? Indefinite, Invariant($"{c.Agreeing}"), Invariant($"{c.Differences.Count}"), Invariant($"{c.Lacking.Count}")];

    private static IEnumerable<IReadOnlyList<string?>> Differences(HeaderComparison c) => c.Differences.Select(d => (IReadOnlyList<string?>)
        [Place(d.Fact), d.Fact.CName, Hex(d.Fact.ExpectedIn(c.Version)), d.Found is { } found ? Hex(found) : "nothing", c.Version?.ToString() ?? c.Headers, d.Why]);

    private static IEnumerable<IReadOnlyList<string?>> Lacking(HeaderComparison c) =>
        c.Lacking.Select(f => (IReadOnlyList<string?>)[Place(f), f.CName, f.Since, c.Version?.ToString() ?? c.Headers]);

    private static string Place(HeaderFact fact) => Invariant($"{fact.Path}:{fact.Line}");

    private static string Hex(ulong value) => Invariant($"0x{value:x}");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
