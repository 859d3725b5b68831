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
