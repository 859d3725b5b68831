using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Linux.Iommufd;

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

    public override SysResult Receive(Span<byte> destination) => destination.Length % IommuHwptPgfault.ByteSize == 0 ? SysResult.Ok : Errno.ESPIPE;

    public override SysResult Send(ReadOnlySpan<byte> source)
    {
        if (source.Length % IommuHwptPageResponse.ByteSize != 0) return Errno.ESPIPE;
        return source.IsEmpty ? SysResult.Ok : Errno.EINVAL;
    }

    protected override void Release()
    {
        _queue.Users--;
        _iommufd.Put();
    }
}
