using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace TeeIo.Abi.Tool.Headers;

/// <summary>Asks the C compiler for the values of expressions by a folder of headers.</summary>
internal sealed partial class HeaderProbe(string compiler, string headers)
{
    // What else a header needs is the system's own.
    private readonly string[] _flags = ["-w", "-isystem", headers, "-fmax-errors=0", "-x", "c"];

    /// <summary>The value of each of <paramref name="expressions"/> by the headers, or null where they don't know what it names.</summary>
    /// <exception cref="ToolException">The compiler can't be run, or the headers don't compile.</exception>
    public IReadOnlyList<ulong?> Values(IReadOnlyList<string> includes, IReadOnlyList<string> expressions)
    {
        using TemporaryFolder folder = new();
        HashSet<int> lacking = Lacking(folder, includes, expressions);
        ulong?[] values = new ulong?[expressions.Count];
        string program = folder.Write("values.c", Program(includes, expressions, i => !lacking.Contains(i)));
        string binary = System.IO.Path.Combine(folder.Path, "values");
        (int code, _, string error) = ExternalProgram.Run(compiler, folder.Path, [.. _flags, program, "-o", binary]);
        if (code != 0) throw new ToolException($"the probe of {headers} doesn't compile: {FirstLine(error)}");
        (code, string output, _) = ExternalProgram.Run(binary, folder.Path);
        if (code != 0) throw new ToolException($"the probe of {headers} ended with {code}");
        foreach (string line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            int space = line.IndexOf(' ', StringComparison.Ordinal);
            values[int.Parse(line.AsSpan(0, space), CultureInfo.InvariantCulture)] = ulong.Parse(line.AsSpan(space + 1), CultureInfo.InvariantCulture);
        }

        return values;
    }

    /// <summary>Which of <paramref name="expressions"/> the headers don't know: each stands on a line of its own, and the compiler complains of those that it doesn't know.</summary>
    private HashSet<int> Lacking(TemporaryFolder folder, IReadOnlyList<string> includes, IReadOnlyList<string> expressions)
    {
        StringBuilder text = Preamble(includes);
        for (int i = 0; i < expressions.Count; i++)
            text.Append(CultureInfo.InvariantCulture, $"#line {i + 1} \"fact\"\nunsigned long long fact_{i}(void) {{ return (unsigned long long)({expressions[i]}); }}\n");
        string program = folder.Write("facts.c", text.ToString());
        (_, _, string error) = ExternalProgram.Run(compiler, folder.Path, [.. _flags, "-fsyntax-only", program]);
        HashSet<int> lacking = [];
        foreach (string line in error.Split('\n').Where(l => l.Contains(": error: ", StringComparison.Ordinal) || l.Contains(": fatal error: ", StringComparison.Ordinal)))
        {
            Match match = FactError().Match(line);
            if (!match.Success) throw new ToolException($"the headers in {headers} don't compile: {line}");
            lacking.Add(int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) - 1);
        }

        return lacking;
    }

    private static string Program(IReadOnlyList<string> includes, IReadOnlyList<string> expressions, Func<int, bool> isThere)
    {
        StringBuilder text = Preamble(includes);
        text.Append("int printf(const char *, ...);\nint main(void)\n{\n");
        for (int i = 0; i < expressions.Count; i++)
        {
            if (isThere(i)) text.Append(CultureInfo.InvariantCulture, $"    printf(\"{i} %llu\\n\", (unsigned long long)({expressions[i]}));\n");
        }

        return text.Append("    return 0;\n}\n").ToString();
    }

    private static StringBuilder Preamble(IReadOnlyList<string> includes)
    {
        StringBuilder text = new("#include <stddef.h>\n#include <linux/types.h>\n");
        foreach (string include in includes) text.Append(CultureInfo.InvariantCulture, $"#if __has_include(<{include}>)\n#include <{include}>\n#endif\n");
        return text;
    }

    private static string FirstLine(string text) => text.Split('\n').FirstOrDefault(l => l.Contains("error", StringComparison.Ordinal)) ?? text;

    [GeneratedRegex(@"^fact:(\d+):")]
    private static partial Regex FactError();
}
