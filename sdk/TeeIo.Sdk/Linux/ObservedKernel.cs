using TeeIo.Boundaries;
using TeeIo.Flow;

namespace TeeIo.Linux;

/// <summary>A kernel that reports nothing itself, seen as one that does: each call that reaches it is a crossing of its side, within the caller's.</summary>
/// <param name="inner">What carries the calls.</param>
/// <param name="hub">Where crossings are reported. Callers report there as well: what they call is known from that.</param>
public class ObservedKernel(IoctlTransport inner, CrossingHub hub) : IoctlTransport
{
    /// <inheritdoc/>
    public override bool IsModel => inner.IsModel;

    /// <inheritdoc/>
    public override SysResult Open(string path) => inner.Open(path);

    /// <inheritdoc/>
    public override SysResult Close(Fd fd) => inner.Close(fd);

    /// <inheritdoc/>
    public override SysResult Ioctl(Fd fd, uint request, scoped in IoctlFrame frame)
    {
        if (hub.Capture().Parent is not { Side: CrossingSide.Client } caller) return inner.Ioctl(fd, request, frame);
        using CrossingScope crossing = hub.Open(caller.Call, CrossingSide.Server, caller.Input.Span);
        if (!crossing.Enter)
        {
            crossing.Close(crossing.Outcome, caller.Input.Span);
            return new SysResult(crossing.Outcome);
        }

        SysResult result = inner.Ioctl(fd, request, frame);
        crossing.Close(result.Raw, frame.Argument.IsEmpty ? caller.Input.Span : frame.Argument);
        return result;
    }

    /// <inheritdoc/>
    public override UserMemory Allocate(ulong length) => inner.Allocate(length);

    /// <inheritdoc/>
    public override UserMemory? Map(Fd fd, ulong offset, ulong length, out Errno error) => inner.Map(fd, offset, length, out error);

    /// <inheritdoc/>
    public override SysResult Read(Fd fd, ulong offset, Span<byte> destination) => inner.Read(fd, offset, destination);

    /// <inheritdoc/>
    public override SysResult Write(Fd fd, ulong offset, ReadOnlySpan<byte> source) => inner.Write(fd, offset, source);

    /// <inheritdoc/>
    public override SysResult Receive(Fd fd, Span<byte> destination) => inner.Receive(fd, destination);

    /// <inheritdoc/>
    public override SysResult Send(Fd fd, ReadOnlySpan<byte> source) => inner.Send(fd, source);
}
