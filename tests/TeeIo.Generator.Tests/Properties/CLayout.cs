using System.Diagnostics;
using System.Globalization;

namespace TeeIo.Generator.Tests.Properties;

/// <summary>Asks the system's C compiler how records lie in memory.</summary>
internal static class CLayout
{
    /// <summary>Why a test that needs the compiler is skipped, or null where there is one.</summary>
    public static string? Missing { get; } = Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator).Any(p => File.Exists(Path.Combine(p, "cc")))
        ? null
        : "there is no C compiler (cc) here; on Debian it is the package gcc";

    /// <summary>The size of each record by its name, and the offset of each field by <c>record.field</c>.</summary>
    public static IReadOnlyDictionary<string, int> Of(IReadOnlyCollection<RandomRecord> records)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("teeio-layout");
        try
        {
            string program = Path.Combine(folder.FullName, "layout");
            IEnumerable<string> prints = records.Select(r => $"printf(\"{r.Name} %zu\\n\", sizeof(struct {r.Name}));\n"
                + string.Concat(r.Fields.Select(f => $"printf(\"{r.Name}.{f.Name} %zu\\n\", offsetof(struct {r.Name}, {f.Name}));\n")));
            File.WriteAllText(
                program + ".c", "#include <stddef.h>\n#include <stdint.h>\n#include <stdio.h>\n" + string.Concat(records.Select(r => r.C)) + "int main(void) {\n" + string.Concat(prints) + "return 0; }\n");
            Run("cc", "-o", program, program + ".c");
            return Run(program).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(' ')).ToDictionary(l => l[0], l => int.Parse(l[1], CultureInfo.InvariantCulture));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors.Result);
        return output;
    }
}
