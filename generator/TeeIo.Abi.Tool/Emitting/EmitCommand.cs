using System.CommandLine;
using TeeIo.Abi.Model;

namespace TeeIo.Abi.Tool.Emitting;

/// <summary><c>teeio-abi emit</c>: the facts in another language.</summary>
internal static class EmitCommand
{
    public static Command Create() => new("emit", "Writes the facts in another language.") { C(), Rust() };

    private static Command C()
    {
        Argument<string[]> names = new("abi") { Description = "Names of the specs; all of them by default", DefaultValueFactory = _ => [] };
        Option<DirectoryInfo?> specs = CommonOptions.Specs();
        Option<DirectoryInfo?> output = new("--out") { Description = "Folder for a file per spec; standard output by default, for one spec" };
        Option<string> prefix = new("--prefix") { Description = "Before each name, so that the header can stand beside the kernel's own; \"\" for none", DefaultValueFactory = _ => "teeio_" };
        Command command = new("c", "C headers, with sizes, offsets and request numbers asserted.") { names, specs, output, prefix };
        command.SetAction(parsed =>
        {
            SpecFolder folder = SpecFolder.LoadRight(parsed.GetValue(specs));
            Write(Chosen(folder.Set, parsed.GetValue(names)!), parsed.GetValue(output), CHeader.FileName, s => new CHeader(folder.Set, s, parsed.GetValue(prefix)!).Text);
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Rust()
    {
        Argument<string[]> names = new("abi") { Description = "Names of the specs; all of them by default", DefaultValueFactory = _ => [] };
        Option<DirectoryInfo?> specs = CommonOptions.Specs();
        Option<DirectoryInfo?> output = new("--out") { Description = "Folder for a module per spec and a mod.rs; standard output by default, for one spec" };
        Command command = new("rust", "Rust modules, with sizes and offsets asserted.") { names, specs, output };
        command.SetAction(parsed =>
        {
            SpecFolder folder = SpecFolder.LoadRight(parsed.GetValue(specs));
            IReadOnlyList<AbiSpec> chosen = Chosen(folder.Set, parsed.GetValue(names)!);
            Write(chosen, parsed.GetValue(output), RustModule.FileName, s => new RustModule(folder.Set, s).Text);
            if (parsed.GetValue(output) is { } directory) WriteFile(Path.Combine(directory.FullName, "mod.rs"), RustModule.Root(chosen));
            return ExitCode.Ok;
        });
        return command;
    }

    private static IReadOnlyList<AbiSpec> Chosen(AbiSet set, string[] names)
    {
        if (names.Length == 0) return [.. set.Specs.Where(s => s.Kind is not (AbiKind.Ops or AbiKind.Flow))];
        return [.. names.Select(n => set.Spec(n) ?? throw new ToolException($"there is no spec '{n}'; known: {string.Join(", ", set.Specs.Select(s => s.Name))}"))];
    }

    private static void Write(IReadOnlyList<AbiSpec> specs, DirectoryInfo? output, Func<AbiSpec, string> fileName, Func<AbiSpec, string> text)
    {
        if (output is null)
        {
            if (specs.Count != 1) throw new ToolException("several specs need a folder; name one with --out, or one spec");
            Console.Out.Write(text(specs[0]));
            return;
        }

        output.Create();
        foreach (AbiSpec spec in specs) WriteFile(Path.Combine(output.FullName, fileName(spec)), text(spec));
    }

    // Written beside and moved, so that a full disk leaves no half a file.
    private static void WriteFile(string path, string text)
    {
        File.WriteAllText(path + ".partial", text);
        File.Move(path + ".partial", path, overwrite: true);
    }
}
