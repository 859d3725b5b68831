namespace TeeIo.Abi.Model;

/// <summary>Bits <paramref name="High"/> to <paramref name="Low"/>, both included.</summary>
public sealed record BitRange(int High, int Low)
{
    /// <summary>Number of bits.</summary>
    public int Width => High - Low + 1;
}
