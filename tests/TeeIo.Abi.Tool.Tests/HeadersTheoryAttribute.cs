namespace TeeIo.Abi.Tool.Tests;

/// <summary>A theory that needs the headers of three Linux releases.</summary>
internal sealed class HeadersTheoryAttribute : TheoryAttribute
{
    public HeadersTheoryAttribute()
    {
        if (!KernelHeaders.AreThere) Skip = HeadersFactAttribute.Why;
    }
}
