using TeeIo.Linux.Iommufd;

namespace TeeIo.Platform.Kernel.Iommufd;

/// <summary>One mapping of an IOAS. Never split.</summary>
/// <param name="Iova">Where the device sees it.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Backing">What it shows.</param>
/// <param name="Start">Where in that it begins.</param>
/// <param name="Flags">How.</param>
internal sealed record IoasArea(ulong Iova, ulong Length, DmaBacking Backing, ulong Start, IoasMapFlags Flags)
{
    public ulong Last => Iova + (Length - 1);

    /// <summary>Whether it's in the page tables of devices, its pages pinned.</summary>
    public bool IsFilled { get; set; }
}
