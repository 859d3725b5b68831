using System.CommandLine;
using System.Globalization;
using TeeIo.Abi.Model;
using TeeIo.Abi.Tool.Headers;
using TeeIo.Abi.Tool.Output;

namespace TeeIo.Abi.Tool.Importing;

/// <summary><c>teeio-abi import</c>: brings a spec to a C header.</summary>
internal static class ImportCommand
{
    private const string Extension = ".abi.yaml";

    public static Command Create()
    {
        Argument<string> header = new("header") { Description = "The C header: …/linux/iommufd.h below a folder that C programs could search" };
        Option<string> name = new("--as") { Description = "The spec: its file below the folder, without .abi.yaml, as linux/iommufd", Required = true };
        Option<string?> since = new("--since") { Description = "The version that brought what is new; by default that of the header's folder, where it says one" };
        Option<string?> beyond = new("--beyond") { Description = "An older header; what it has isn't new, even if the spec leaves it out" };
        Option<bool> dry = new("--dry-run") { Description = "Write nothing" };
        Option<DirectoryInfo?> specs = CommonOptions.Specs();
        Option<string> compiler = CommonOptions.Compiler();
        Option<string?> clang = CommonOptions.Clang();
        Option<OutputFormat> format = CommonOptions.Format();
        Command command = new("import", "Brings a spec to a C header: changes numbers that differ, adds what is new with 'doc: TODO', removes nothing. Exit code 0 where nothing is left to do by hand, 1 where something is.")
        {
            header, name, since, beyond, dry, specs, compiler, clang, format,
        };
        command.SetAction(parsed => Run(
            SpecFolder.LoadRight(parsed.GetValue(specs)), parsed.GetValue(header)!, parsed.GetValue(name)!, parsed.GetValue(since), parsed.GetValue(beyond), parsed.GetValue(dry),
            parsed.GetValue(clang), parsed.GetValue(compiler)!, parsed.GetValue(format), Console.Out));
        return command;
    }

    /// <summary>Imports, writes the spec, and says what was done and what is left.</summary>
    public static int Run(
        SpecFolder folder, string header, string name, string? since, string? beyond, bool isDry, string? clang, string compiler, OutputFormat format, TextWriter output)
    {
        (AbiSpec Spec, SpecDocument Document) spec = Find(folder, name);
        string path = folder.PathOf(spec.Document);
        string text = File.ReadAllText(path);
        HeaderFile file = HeaderFile.At(header, spec.Spec.Headers, spec.Spec.Name);
        HeaderFile? older = beyond is null ? null : HeaderFile.At(beyond, spec.Spec.Headers, spec.Spec.Name);
        (string now, IReadOnlyList<ImportFinding> findings) = new Importer(new HeaderReader(clang ?? Clang.Find(), compiler), compiler)
            .Import(folder, spec, text, file, older, since ?? HeaderVersion.Of(file.Root)?.ToString());
        if (!isDry && now != text) Write(path, now);
        Report.Write(output, format, Verdict(spec.Document.Path, findings, isDry), new Section("findings", "Import", ["what", "item", "where", "how"], [.. findings.OrderBy(f => f.Kind).Select(Row)]));
        return findings.Any(f => f.Kind == ImportKind.ByHand) ? ExitCode.Found : ExitCode.Ok;
    }

    private static (AbiSpec Spec, SpecDocument Document) Find(SpecFolder folder, string name)
    {
        string file = name.EndsWith(Extension, StringComparison.Ordinal) ? name : name + Extension;
        return folder.Specs.Cast<(AbiSpec Spec, SpecDocument Document)?>().FirstOrDefault(s => s!.Value.Document.Path.EndsWith("/" + file, StringComparison.Ordinal))
            ?? throw new ToolException($"there is no spec {file} below {folder.Path}; begin it with its head (abi, kind, namespace, doc, source, status, headers, sides, framing, objects) and import again");
    }

    // Whole or not at all, whatever happens in between.
    private static void Write(string path, string text)
    {
        string beside = path + ".new";
        try
        {
            File.WriteAllText(beside, text);
            File.Move(beside, path, overwrite: true);
        }
        finally
        {
            File.Delete(beside);
        }
    }

    private static IReadOnlyList<string?> Row(ImportFinding finding) => [finding.Kind switch
    {
        ImportKind.Added => "added",
        ImportKind.Changed => "changed",
        ImportKind.ByHand => "by hand",
        _ => "not in the header",
    }, finding.Item, finding.Where, finding.Text];

    private static string Verdict(string path, IReadOnlyList<ImportFinding> findings, bool isDry) => string.Create(
        CultureInfo.InvariantCulture,
        $"{path}: {Count(findings, ImportKind.Added)} added, {Count(findings, ImportKind.Changed)} changed, {Count(findings, ImportKind.ByHand)} left to do by hand, {Count(findings, ImportKind.NotInHeader)} not in the header{(isDry ? "; nothing was written" : "")}");

    private static int Count(IReadOnlyList<ImportFinding> findings, ImportKind kind) => findings.Count(f => f.Kind == kind);
}
