namespace TeeIo.Boundaries;

/// <summary>Carries ioctls and memory between a process and a kernel: Linux itself, or a software kernel behind the same ABI.</summary>
public abstract class IoctlTransport
{
    /// <summary>Whether this is the software platform, which also runs what is public nowhere (status <c>model</c>).</summary>
    public abstract bool IsModel { get; }

    /// <summary>Opens <paramref name="path"/> read-write, close-on-exec.</summary>
    /// <returns>The descriptor, or the errno.</returns>
    public abstract SysResult Open(string path);

    /// <summary>Closes <paramref name="fd"/>.</summary>
    public abstract SysResult Close(Fd fd);

    /// <summary>Issues <paramref name="request"/> on <paramref name="fd"/>. Outputs are written into the frame.</summary>
    /// <returns>The kernel's return value, or the errno.</returns>
    public abstract SysResult Ioctl(Fd fd, uint request, scoped in IoctlFrame frame);

    /// <summary>Allocates zeroed anonymous memory, page aligned.</summary>
    public abstract UserMemory Allocate(ulong length);

    /// <summary>Maps <paramref name="length"/> bytes of <paramref name="fd"/> at <paramref name="offset"/>, shared, read-write.</summary>
    /// <returns>The memory, or null with the errno in <paramref name="error"/>.</returns>
    public abstract UserMemory? Map(Fd fd, ulong offset, ulong length, out Linux.Errno error);

    /// <summary>Reads at <paramref name="offset"/> of <paramref name="fd"/> (pread).</summary>
    /// <returns>Bytes read, or the errno.</returns>
    public abstract SysResult Read(Fd fd, ulong offset, Span<byte> destination);

    /// <summary>Writes at <paramref name="offset"/> of <paramref name="fd"/> (pwrite).</summary>
    /// <returns>Bytes written, or the errno.</returns>
    public abstract SysResult Write(Fd fd, ulong offset, ReadOnlySpan<byte> source);

    /// <summary>Takes what comes next of <paramref name="fd"/> (read), where that is no place in a file: an event's count, a page fault, a vIOMMU's event. Waits for it if there is none.</summary>
    /// <returns>Bytes received, or the errno; EINVAL on a transport that has no such files.</returns>
    public virtual SysResult Receive(Fd fd, Span<byte> destination) => Linux.Errno.EINVAL;

    /// <summary>Gives <paramref name="fd"/> what comes next (write): an event, the answer to a page fault.</summary>
    /// <returns>Bytes sent, or the errno; EINVAL on a transport that has no such files.</returns>
    public virtual SysResult Send(Fd fd, ReadOnlySpan<byte> source) => Linux.Errno.EINVAL;

    /// <summary>Where in the trace the guest stood when its vCPU <paramref name="fd"/> left it last; nowhere on a kernel that can't say.</summary>
    public virtual Flow.CrossingContext ExitContext(Fd fd) => default;
}
