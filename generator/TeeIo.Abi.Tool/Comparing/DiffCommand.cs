using System.CommandLine;
using System.Globalization;
using TeeIo.Abi.Tool.Output;

namespace TeeIo.Abi.Tool.Comparing;

/// <summary><c>teeio-abi diff</c>: what changed between two sets of specs, and whom it breaks.</summary>
internal static class DiffCommand
{
    public static Command Create()
    {
        Argument<string> before = new("old") { Description = "The older facts: a folder of specs, a folder of C headers (that has linux/ below it), or a Git revision" };
        Argument<string> after = new("new") { Description = "The newer facts, likewise" };
        Option<bool> breakingOnly = new("--breaking-only") { Description = "Leave out what old programs don't notice" };
        Option<DirectoryInfo?> specs = CommonOptions.Specs();
        Option<string> compiler = CommonOptions.Compiler();
        Option<string?> clang = CommonOptions.Clang();
        Option<OutputFormat> format = CommonOptions.Format();
        Command command = new("diff", "What changed between two sets of specs or of C headers, sorted by what it breaks: NUMBER, LAYOUT, SEMANTIC, SOURCE, ADDITION. Exit code 1 where something breaks.")
        {
            before, after, breakingOnly, specs, compiler, clang, format,
        };
        command.SetAction(parsed =>
        {
            SpecSource source = new(parsed.GetValue(specs), parsed.GetValue(clang), parsed.GetValue(compiler)!);
            return Run(source.Load(parsed.GetValue(before)!), source.Load(parsed.GetValue(after)!), parsed.GetValue(breakingOnly), parsed.GetValue(format), Console.Out);
        });
        return command;
    }

    /// <summary>Compares, and writes what changed.</summary>
    public static int Run(AbiSet before, AbiSet after, bool isBreakingOnly, OutputFormat format, TextWriter output)
    {
        IReadOnlyList<Change> changes = SetComparison.Compare(before, after);
        int breaking = changes.Count(c => c.Rule.IsBreaking);
        Change[] shown = [.. changes.Where(c => c.Rule.IsBreaking || !isBreakingOnly)];
        Section table = new("changes", "Changes", ["class", "rule", "spec", "item", "before", "after"], [.. shown.Select(c => (IReadOnlyList<string?>)
            [c.Rule.Class.ToString().ToUpperInvariant(), c.Rule.Id, c.Spec, c.Item, c.Before, c.After])]);
        Section rules = new("rules", "What the rules say", ["rule", "why", "advice"], [.. shown.Select(c => c.Rule).Distinct().Select(r => (IReadOnlyList<string?>)[r.Id, r.Reason, r.Advice])]);
        Report.Write(output, format, string.Create(CultureInfo.InvariantCulture, $"{changes.Count} changes, {breaking} of them break"), table, rules);
        return breaking == 0 ? ExitCode.Ok : ExitCode.Found;
    }
}
