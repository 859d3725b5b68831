using TeeIo.Boundaries;
using TeeIo.Linux;

namespace MyDevice;

/// <summary>Carries ioctls to a server in this process: the device, before there is one.</summary>
/// <param name="serve">Serves a request.</param>
internal sealed class Loopback(Loopback.Server serve) : IoctlTransport
{
    private int _files;

    /// <summary>Serves <paramref name="request"/>; a generated dispatcher does.</summary>
    public delegate SysResult Server(uint request, scoped in IoctlFrame frame);

    public override bool IsModel => true;

    public override SysResult Open(string path) => SysResult.Of(++_files);

    public override SysResult Close(Fd fd) => SysResult.Ok;

    public override SysResult Ioctl(Fd fd, uint request, scoped in IoctlFrame frame) => serve(request, frame);

    public override UserMemory Allocate(ulong length) => throw new NotSupportedException("The device takes no memory.");

    public override UserMemory? Map(Fd fd, ulong offset, ulong length, out Errno error)
    {
        error = Errno.ENODEV;
        return null;
    }

    public override SysResult Read(Fd fd, ulong offset, Span<byte> destination) => Errno.EINVAL;

    public override SysResult Write(Fd fd, ulong offset, ReadOnlySpan<byte> source) => Errno.EINVAL;
}
