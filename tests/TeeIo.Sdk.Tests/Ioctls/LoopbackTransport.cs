using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Linux;
using TeeIo.Linux.Seed202505;

namespace TeeIo.Sdk.Tests.Ioctls;

/// <summary>Carries calls straight to dispatchers: the device's on descriptor 1, the iommufd's on descriptor 2.</summary>
internal sealed class LoopbackTransport(RecordingDevice device, ReversingIommufd iommufd, CrossingHub? hub = null) : IoctlTransport
{
    public static Fd Device => new(1);

    public static Fd Iommufd => new(2);

    public override bool IsModel => true;

    public override SysResult Open(string path) => Errno.ENOENT;

    public override SysResult Close(Fd fd) => SysResult.Ok;

    public override SysResult Ioctl(Fd fd, uint request, scoped in IoctlFrame frame) => fd == Device
        ? SeedVfioDeviceDispatcher.Dispatch(device, hub, request, frame)
        : SeedIommufdDispatcher.Dispatch(iommufd, hub, request, frame);

    public override UserMemory Allocate(ulong length) => throw new NotSupportedException("No test here allocates memory.");

    public override UserMemory? Map(Fd fd, ulong offset, ulong length, out Errno error)
    {
        error = Errno.ENODEV;
        return null;
    }

    public override SysResult Read(Fd fd, ulong offset, Span<byte> destination) => Errno.EINVAL;

    public override SysResult Write(Fd fd, ulong offset, ReadOnlySpan<byte> source) => Errno.EINVAL;
}
