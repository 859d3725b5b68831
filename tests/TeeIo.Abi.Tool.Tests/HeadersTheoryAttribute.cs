using System.Runtime.CompilerServices;

namespace TeeIo.Abi.Tool.Tests;

/// <summary>A theory that needs the headers of three Linux releases.</summary>
internal sealed class HeadersTheoryAttribute : TheoryAttribute
{
    public HeadersTheoryAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line)
    {
        if (!KernelHeaders.AreThere) Skip = HeadersFactAttribute.Why;
    }
}
