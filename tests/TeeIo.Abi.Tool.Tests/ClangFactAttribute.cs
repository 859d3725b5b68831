using System.Runtime.CompilerServices;

namespace TeeIo.Abi.Tool.Tests;

/// <summary>A fact that needs clang, which reads headers.</summary>
internal sealed class ClangFactAttribute : FactAttribute
{
    public const string Why = "clang isn't there; on Debian it is the package clang";

    public ClangFactAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line)
    {
        if (!IsThere) Skip = Why;
    }

    /// <summary>Whether it is there.</summary>
    public static bool IsThere
    {
        get
        {
            try
            {
                return Headers.Clang.Find().Length > 0;
            }
            catch (ToolException)
            {
                return false;
            }
        }
    }
}
