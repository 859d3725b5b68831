namespace TeeIo.Abi.Tool.Tests.Importing;

/// <summary>A theory that imports real kernels' headers.</summary>
internal sealed class KernelHeadersTheoryAttribute : TheoryAttribute
{
    public KernelHeadersTheoryAttribute()
    {
        if (!KernelHeaders.AreThere) Skip = HeadersFactAttribute.Why;
        else if (!ClangFactAttribute.IsThere) Skip = ClangFactAttribute.Why;
    }
}
