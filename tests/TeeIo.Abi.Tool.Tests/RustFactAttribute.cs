using System.Runtime.CompilerServices;

namespace TeeIo.Abi.Tool.Tests;

/// <summary>A fact that needs a Rust compiler.</summary>
internal sealed class RustFactAttribute : FactAttribute
{
    // offset_of! of nested fields is stable since then.
    private static readonly Version s_oldest = new(1, 82);

    public RustFactAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line)
    {
        if (Found() is not { } version) Skip = "there is no rustc here; any of 1.82 or newer does";
        else if (version < s_oldest) Skip = $"rustc {version} is older than {s_oldest}, which the modules' asserts need";
    }

    private static Version? Found()
    {
        try
        {
            string output = ExternalProgram.Run("rustc", Environment.CurrentDirectory, "--version").Output;
            return Version.TryParse(output.Split(' ').ElementAtOrDefault(1), out Version? version) ? version : null;
        }
        catch (ToolException)
        {
            return null;
        }
    }
}
