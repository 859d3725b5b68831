using System.Runtime.CompilerServices;

namespace TeeIo.Abi.Tool.Tests;

/// <summary>A fact that needs the headers of three Linux releases.</summary>
internal sealed class HeadersFactAttribute : FactAttribute
{
    public const string Why = "the headers of Linux 6.1, 6.12 and 7.3 aren't there; on Debian, tests/TeeIo.Abi.Tool.Tests/headers.sh brings them";

    public HeadersFactAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line)
    {
        if (!KernelHeaders.AreThere) Skip = Why;
    }
}
