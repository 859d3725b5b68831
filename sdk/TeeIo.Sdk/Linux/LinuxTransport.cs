using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using TeeIo.Boundaries;

namespace TeeIo.Linux;

/// <summary>Carries ioctls and memory between this process and the Linux kernel that it runs on. It holds nothing, so one does for a whole process and for all its threads;
/// descriptors are the caller's to close.</summary>
/// <remarks>A call that a signal breaks off returns EINTR: only its caller knows whether to make it again (KVM_RUN ends so on purpose).</remarks>
[SupportedOSPlatform("linux")]
public sealed unsafe class LinuxTransport : IoctlTransport
{
    /// <summary>False: what is public nowhere (status <c>model</c>) is refused here.</summary>
    public override bool IsModel => false;

    /// <inheritdoc/>
    public override SysResult Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Result(Libc.Open(path, Libc.ReadWrite | Libc.CloseOnExec));
    }

    /// <inheritdoc/>
    public override SysResult Close(Fd fd) => Result(Libc.Close(fd.Value));

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A buffer's pointer doesn't lie in the argument.</exception>
    public override SysResult Ioctl(Fd fd, uint request, scoped in IoctlFrame frame)
    {
        // Of an empty span the address is null, as a caller without a buffer means it.
        fixed (byte* argument = frame.Argument, first = frame.First.Bytes, second = frame.Second.Bytes, third = frame.Third.Bytes)
        {
            SetPointers(frame, (ulong)first, (ulong)second, (ulong)third);
            SysResult result = Result(Libc.Ioctl(fd.Value, request, frame.Argument.IsEmpty ? (void*)frame.Scalar : argument));

            // Addresses are nobody's business beyond the call: not the caller's fields', and not a trace's.
            SetPointers(frame, 0, 0, 0);
            return result;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="InsufficientMemoryException">The kernel has no memory for it, or the process is at its limit.</exception>
    public override UserMemory Allocate(ulong length) => Map(Fd.None, 0, length, Libc.MapShared | Libc.MapAnonymous, out Errno error)
        ?? throw new InsufficientMemoryException($"{length} bytes can't be allocated: {error}. See the limits of this process (ulimit -v, the cgroup's memory.max).");

    /// <inheritdoc/>
    public override UserMemory? Map(Fd fd, ulong offset, ulong length, out Errno error) => Map(fd, offset, length, Libc.MapShared, out error);

    /// <inheritdoc/>
    public override SysResult Read(Fd fd, ulong offset, Span<byte> destination)
    {
        fixed (byte* bytes = destination) return Result(Libc.Read(fd.Value, bytes, (nuint)destination.Length, unchecked((long)offset)));
    }

    /// <inheritdoc/>
    public override SysResult Write(Fd fd, ulong offset, ReadOnlySpan<byte> source)
    {
        fixed (byte* bytes = source) return Result(Libc.Write(fd.Value, bytes, (nuint)source.Length, unchecked((long)offset)));
    }

    /// <inheritdoc/>
    public override SysResult Receive(Fd fd, Span<byte> destination)
    {
        fixed (byte* bytes = destination) return Result(Libc.Receive(fd.Value, bytes, (nuint)destination.Length));
    }

    /// <inheritdoc/>
    public override SysResult Send(Fd fd, ReadOnlySpan<byte> source)
    {
        fixed (byte* bytes = source) return Result(Libc.Send(fd.Value, bytes, (nuint)source.Length));
    }

    /// <summary>Waits until <paramref name="fd"/> has something to receive, or is at its end.</summary>
    /// <param name="fd">An event, a queue, a file.</param>
    /// <param name="timeout">How long at most, in whole milliseconds.</param>
    /// <returns>1 if it has, 0 if the time is over, or the errno.</returns>
    public static SysResult Wait(Fd fd, TimeSpan timeout)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(timeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(timeout.TotalMilliseconds, int.MaxValue, nameof(timeout));
        Libc.PollEntry entry = new() { Fd = fd.Value, Events = Libc.PollIn };
        return Result(Libc.Poll(&entry, 1, (int)timeout.TotalMilliseconds));
    }

    /// <summary>Opens a counter of events (eventfd), as VFIO signals interrupts with: receive 8 bytes to learn how many came since the last time, and to set it to 0.</summary>
    /// <returns>The descriptor, or the errno.</returns>
    public static SysResult OpenEvent() => Result(Libc.EventFd(0, Libc.CloseOnExec));

    /// <summary>Opens a file of memory that has no path (memfd), as IOMMU_IOAS_MAP_FILE maps it.</summary>
    /// <param name="name">What /proc shows it as.</param>
    /// <param name="length">Its length in bytes, zeroed.</param>
    /// <returns>The descriptor, or the errno.</returns>
    public static SysResult OpenMemory(string name, ulong length)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, (ulong)long.MaxValue);
        SysResult opened = Result(Libc.MemoryFd(name, Libc.MemoryCloseOnExec));
        if (!opened.IsOk) return opened;
        SysResult sized = Result(Libc.Truncate((int)opened.Value, (long)length));
        if (sized.IsOk) return opened;
        Libc.Close((int)opened.Value);
        return sized;
    }

    private static LinuxMemory? Map(Fd fd, ulong offset, ulong length, int flags, out Errno error)
    {
        void* address = Libc.Map(null, checked((nuint)length), Libc.ProtectReadWrite, flags, fd.Value, unchecked((long)offset));
        bool isMapped = (nint)address != -1;
        error = isMapped ? Errno.Ok : (Errno)Marshal.GetLastPInvokeError();
        return isMapped ? new LinuxMemory((nint)address, length) : null;
    }

    private static void SetPointers(scoped in IoctlFrame frame, ulong first, ulong second, ulong third)
    {
        if (frame.BufferCount > 0) SetPointer(frame.Argument, frame.First.PointerOffset, first);
        if (frame.BufferCount > 1) SetPointer(frame.Argument, frame.Second.PointerOffset, second);
        if (frame.BufferCount > 2) SetPointer(frame.Argument, frame.Third.PointerOffset, third);
    }

    private static void SetPointer(Span<byte> argument, int offset, ulong address)
    {
        if (offset < 0 || offset > argument.Length - sizeof(ulong))
            throw new ArgumentException($"The pointer at {offset} doesn't lie in the argument of {argument.Length} bytes.", nameof(argument));
        BinaryPrimitives.WriteUInt64LittleEndian(argument[offset..], address);
    }

    private static SysResult Result(long value) => value == -1 ? (Errno)Marshal.GetLastPInvokeError() : SysResult.Of(value);
}
