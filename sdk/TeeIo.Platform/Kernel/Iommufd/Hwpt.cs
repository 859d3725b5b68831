namespace TeeIo.Platform.Kernel.Iommufd;

/// <summary>A hardware page table that shows an IOAS.</summary>
internal sealed class Hwpt : IommufdObject
{
    public Hwpt(Ioas ioas, bool isNestingParent)
    {
        (Ioas, IsNestingParent) = (ioas, isNestingParent);
        ioas.Users++;
    }

    public Ioas Ioas { get; }

    public bool IsNestingParent { get; }

    public override void Destroy() => Ioas.Users--;
}
