using System.CommandLine;
using System.Text.RegularExpressions;
using TeeIo.Abi.Model;

namespace TeeIo.Abi.Tool.Emitting;

/// <summary><c>teeio-abi emit</c>: the facts in another language.</summary>
internal static partial class EmitCommand
{
    public static Command Create() => new("emit", "Writes the facts in another language.") { C(), Rust(), Syzlang() };

    private static Command C()
    {
        Option<string> prefix = Prefix("so that the header can stand beside the kernel's own");
        Command command = Language("c", "C headers, with sizes, offsets and request numbers asserted.", IsData, (set, spec, parsed) => [(CHeader.FileName(spec), new CHeader(set, spec, Given(parsed, prefix)).Text)]);
        command.Add(prefix);
        return command;
    }

    private static Command Rust() => Language(
        "rust", "Rust modules, with sizes and offsets asserted, and a mod.rs.", IsData, (set, spec, _) => [(RustModule.FileName(spec), new RustModule(set, spec).Text)], specs => ("mod.rs", RustModule.Root(specs)));

    private static Command Syzlang()
    {
        Option<string> prefix = Prefix("so that the descriptions can stand beside syzkaller's own");
        Command command = Language("syzlang", "Descriptions of ioctls for the kernel fuzzer syzkaller, and the values of their constants.", SyzlangDescription.CanEmit, (set, spec, parsed) =>
        {
            SyzlangDescription description = new(set, spec, Given(parsed, prefix));
            return [(SyzlangDescription.FileName(spec), description.Text), (SyzlangDescription.FileName(spec) + ".const", description.Constants)];
        });
        command.Add(prefix);
        return command;
    }

    private static Option<string> Prefix(string purpose) => new("--prefix") { Description = $"Before each name, {purpose}; \"\" for none", DefaultValueFactory = _ => "teeio_" };

    private static string Given(ParseResult parsed, Option<string> prefix)
    {
        string given = parsed.GetValue(prefix)!;
        return PrefixPattern().IsMatch(given) ? given : throw new ToolException($"no name can begin with '{given}'; give --prefix letters, digits and _, with no digit first, or \"\" for none");
    }

    private static bool IsData(AbiSpec spec) => spec.Kind is not (AbiKind.Ops or AbiKind.Flow);

    /// <summary>The command for one language: what all of them take, and how its files are made. Of several files for one spec the first is its text.</summary>
    private static Command Language(
        string name,
        string description,
        Func<AbiSpec, bool> isDefault,
        Func<AbiSet, AbiSpec, ParseResult, (string Name, string Text)[]> files,
        Func<IReadOnlyList<AbiSpec>, (string Name, string Text)>? root = null)
    {
        Argument<string[]> names = new("abi") { Description = "Names of the specs; all that the language can hold by default", DefaultValueFactory = _ => [] };
        Option<DirectoryInfo?> specs = CommonOptions.Specs();
        Option<DirectoryInfo?> output = new("--out") { Description = "Folder for each spec's files; by default one spec's text goes to standard output" };
        Command command = new(name, description) { names, specs, output };
        command.SetAction(parsed =>
        {
            SpecFolder folder = SpecFolder.LoadRight(parsed.GetValue(specs));
            IReadOnlyList<AbiSpec> chosen = Chosen(folder.Set, parsed.GetValue(names)!, isDefault);
            Write(chosen, parsed.GetValue(output), s => files(folder.Set, s, parsed), root?.Invoke(chosen));
            return ExitCode.Ok;
        });
        return command;
    }

    private static IReadOnlyList<AbiSpec> Chosen(AbiSet set, string[] names, Func<AbiSpec, bool> isDefault)
    {
        if (names.Length == 0) return [.. set.Specs.Where(isDefault)];
        return [.. names.Select(n => set.Spec(n) ?? throw new ToolException($"there is no spec '{n}'; known: {string.Join(", ", set.Specs.Select(s => s.Name))}"))];
    }

    private static void Write(IReadOnlyList<AbiSpec> specs, DirectoryInfo? output, Func<AbiSpec, (string Name, string Text)[]> filesOf, (string Name, string Text)? root)
    {
        if (output is null)
        {
            if (specs.Count != 1) throw new ToolException("several specs need a folder; name one with --out, or one spec");
            Console.Out.Write(filesOf(specs[0])[0].Text);
            return;
        }

        // All texts before the first file: a spec that is refused leaves nothing half written.
        (string Name, string Text)[] files = [.. specs.SelectMany(filesOf)];
        output.Create();
        foreach ((string name, string content) in root is { } last ? files.Append(last) : files) WriteFile(Path.Combine(output.FullName, name), content);
    }

    // Written beside and moved, so that a full disk leaves no half a file.
    private static void WriteFile(string path, string text)
    {
        File.WriteAllText(path + ".partial", text);
        File.Move(path + ".partial", path, overwrite: true);
    }

    [GeneratedRegex("^([A-Za-z_][A-Za-z0-9_]*)?$")]
    private static partial Regex PrefixPattern();
}
