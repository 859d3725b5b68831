namespace TeeIo.Boundaries;

/// <summary>Where a register lies in a page of shared memory.</summary>
/// <param name="Register">Its index.</param>
/// <param name="Offset">Where it is, in bytes.</param>
/// <param name="Size">How many bytes of it are there, 1 to 8.</param>
public readonly record struct RegisterPlace(int Register, int Offset, int Size)
{
    /// <summary>The bit of the page's bitmap that says whether it counts.</summary>
    public int Bit => Offset / sizeof(ulong);
}
