using TeeIo.Linux.Iommufd;

namespace TeeIo.Platform.Kernel.Iommufd;

/// <summary>One mapping of an IOAS. Never split.</summary>
internal sealed record IoasArea(ulong Iova, ulong Length, DmaBacking Backing, IoasMapFlags Flags)
{
    public ulong Last => Iova + Length - 1;
}
