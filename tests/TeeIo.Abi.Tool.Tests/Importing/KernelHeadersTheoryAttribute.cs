using System.Runtime.CompilerServices;

namespace TeeIo.Abi.Tool.Tests.Importing;

/// <summary>A theory that imports real kernels' headers.</summary>
internal sealed class KernelHeadersTheoryAttribute : TheoryAttribute
{
    public KernelHeadersTheoryAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line)
    {
        if (!KernelHeaders.AreThere) Skip = HeadersFactAttribute.Why;
        else if (!ClangFactAttribute.IsThere) Skip = ClangFactAttribute.Why;
    }
}
