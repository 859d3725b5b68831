namespace TeeIo.Abi.Tool.Tests;

/// <summary>A theory that needs clang, which reads headers.</summary>
internal sealed class ClangTheoryAttribute : TheoryAttribute
{
    public ClangTheoryAttribute()
    {
        if (!ClangFactAttribute.IsThere) Skip = ClangFactAttribute.Why;
    }
}
