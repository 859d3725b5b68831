using System.Runtime.CompilerServices;

namespace TeeIo.Abi.Tool.Tests;

/// <summary>A theory that needs clang, which reads headers.</summary>
internal sealed class ClangTheoryAttribute : TheoryAttribute
{
    public ClangTheoryAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line)
    {
        if (!ClangFactAttribute.IsThere) Skip = ClangFactAttribute.Why;
    }
}
