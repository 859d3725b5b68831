using TeeIo.Boundaries;
using TeeIo.Linux;

namespace TeeIo.Platform.Kernel.Iommufd;

/// <summary>The file of a fault queue: nothing to read, nothing to answer.</summary>
internal sealed class FaultQueueFile : KernelFile
{
    private readonly IommufdFile _iommufd;
    private readonly FaultQueue _queue;

    public FaultQueueFile(SoftwareProcess owner, IommufdFile iommufd, FaultQueue queue)
        : base(owner)
    {
        (_iommufd, _queue) = (iommufd, queue);
        iommufd.Get();
        queue.Users++;
    }

    public override SysResult Read(ulong offset, Span<byte> destination) => SysResult.Ok;

    public override SysResult Write(ulong offset, ReadOnlySpan<byte> source) => Errno.EINVAL;

    protected override void Release()
    {
        _queue.Users--;
        _iommufd.Put();
    }
}
