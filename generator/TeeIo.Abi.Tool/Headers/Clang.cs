using System.Text.Json;

namespace TeeIo.Abi.Tool.Headers;

/// <summary>The C compiler that tells what it understood.</summary>
internal static class Clang
{
    private const string Name = "clang";

    /// <summary>The program: <c>clang</c>, or <c>clang-NN</c>, the highest number first, as Debian names it.</summary>
    /// <exception cref="ToolException">There is none.</exception>
    public static string Find()
    {
        string[] folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        string[] found = [.. folders.Where(Directory.Exists).SelectMany(f => Directory.EnumerateFiles(f, Name + "*"))];
        return found.FirstOrDefault(f => Path.GetFileNameWithoutExtension(f) == Name)
            ?? found.Where(f => Number(f) > 0).MaxBy(Number)
            ?? throw new ToolException("clang isn't on the PATH; install it (Debian's package clang), or name it with --clang");
    }

    /// <summary>The declarations of a C program.</summary>
    /// <exception cref="ToolException">It doesn't compile, or the program isn't clang.</exception>
    public static IReadOnlyList<ClangNode> Declarations(string clang, string program, IEnumerable<string> flags)
    {
        string json = Run(clang, program, [.. flags, "-fsyntax-only", "-Xclang", "-ast-dump=json"]);
        try
        {
            return ClangTree.Read(json);
        }
        catch (JsonException e)
        {
            throw new ToolException($"{clang} doesn't write a syntax tree as JSON; name a clang of version 10 or newer with --clang ({e.Message})", e);
        }
    }

    /// <summary>A C program after preprocessing, with its directives.</summary>
    /// <exception cref="ToolException">It doesn't compile.</exception>
    public static string Preprocessed(string clang, string program, IEnumerable<string> flags) => Run(clang, program, [.. flags, "-E", "-dD"]);

    private static string Run(string clang, string program, IEnumerable<string> flags)
    {
        (int code, string output, string error) = ExternalProgram.Run(clang, Path.GetDirectoryName(program)!, [.. flags, program]);
        if (code != 0) throw new ToolException($"{clang} can't read the header: {error.Split('\n').FirstOrDefault(l => l.Contains("error", StringComparison.Ordinal)) ?? error.Trim()}");
        return output;
    }

    private static int Number(string path)
    {
        string name = Path.GetFileName(path);
        return name.StartsWith(Name + "-", StringComparison.Ordinal) && int.TryParse(name.AsSpan(Name.Length + 1), out int number) ? number : 0;
    }
}
