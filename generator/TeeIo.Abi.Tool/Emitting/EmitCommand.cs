using System.CommandLine;
using TeeIo.Abi.Model;

namespace TeeIo.Abi.Tool.Emitting;

/// <summary><c>teeio-abi emit</c>: the facts in another language.</summary>
internal static class EmitCommand
{
    public static Command Create() => new("emit", "Writes the facts in another language.") { C(), Rust(), Syzlang() };

    private static Command C()
    {
        Option<string> prefix = new("--prefix") { Description = "Before each name, so that the header can stand beside the kernel's own; \"\" for none", DefaultValueFactory = _ => "teeio_" };
        Command command = Language("c", "C headers, with sizes, offsets and request numbers asserted.", IsData, CHeader.FileName, (set, spec, parsed) => new CHeader(set, spec, parsed.GetValue(prefix)!).Text);
        command.Add(prefix);
        return command;
    }

    private static Command Rust() => Language(
        "rust", "Rust modules, with sizes and offsets asserted, and a mod.rs.", IsData, RustModule.FileName, (set, spec, _) => new RustModule(set, spec).Text, specs => ("mod.rs", RustModule.Root(specs)));

    private static Command Syzlang() => Language(
        "syzlang", "Descriptions of ioctls for the kernel fuzzer syzkaller.", SyzlangDescription.CanEmit, SyzlangDescription.FileName, (set, spec, _) => new SyzlangDescription(set, spec).Text);

    private static bool IsData(AbiSpec spec) => spec.Kind is not (AbiKind.Ops or AbiKind.Flow);

    /// <summary>The command for one language: what all of them take, and how its files are made.</summary>
    private static Command Language(
        string name,
        string description,
        Func<AbiSpec, bool> isDefault,
        Func<AbiSpec, string> fileName,
        Func<AbiSet, AbiSpec, ParseResult, string> text,
        Func<IReadOnlyList<AbiSpec>, (string Name, string Text)>? root = null)
    {
        Argument<string[]> names = new("abi") { Description = "Names of the specs; all that the language can hold by default", DefaultValueFactory = _ => [] };
        Option<DirectoryInfo?> specs = CommonOptions.Specs();
        Option<DirectoryInfo?> output = new("--out") { Description = "Folder for a file per spec; standard output by default, for one spec" };
        Command command = new(name, description) { names, specs, output };
        command.SetAction(parsed =>
        {
            SpecFolder folder = SpecFolder.LoadRight(parsed.GetValue(specs));
            IReadOnlyList<AbiSpec> chosen = Chosen(folder.Set, parsed.GetValue(names)!, isDefault);
            Write(chosen, parsed.GetValue(output), fileName, s => text(folder.Set, s, parsed), root?.Invoke(chosen));
            return ExitCode.Ok;
        });
        return command;
    }

    private static IReadOnlyList<AbiSpec> Chosen(AbiSet set, string[] names, Func<AbiSpec, bool> isDefault)
    {
        if (names.Length == 0) return [.. set.Specs.Where(isDefault)];
        return [.. names.Select(n => set.Spec(n) ?? throw new ToolException($"there is no spec '{n}'; known: {string.Join(", ", set.Specs.Select(s => s.Name))}"))];
    }

    private static void Write(IReadOnlyList<AbiSpec> specs, DirectoryInfo? output, Func<AbiSpec, string> fileName, Func<AbiSpec, string> text, (string Name, string Text)? root)
    {
        if (output is null)
        {
            if (specs.Count != 1) throw new ToolException("several specs need a folder; name one with --out, or one spec");
            Console.Out.Write(text(specs[0]));
            return;
        }

        // All texts before the first file: a spec that is refused leaves nothing half written.
        (string Name, string Text)[] files = [.. specs.Select(s => (fileName(s), text(s)))];
        output.Create();
        foreach ((string name, string content) in root is { } last ? files.Append(last) : files) WriteFile(Path.Combine(output.FullName, name), content);
    }

    // Written beside and moved, so that a full disk leaves no half a file.
    private static void WriteFile(string path, string text)
    {
        File.WriteAllText(path + ".partial", text);
        File.Move(path + ".partial", path, overwrite: true);
    }
}
