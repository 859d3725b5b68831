using System.Buffers.Binary;
using System.Runtime.InteropServices;
using TeeIo.Flow;
using TeeIo.Linux;

namespace TeeIo.Boundaries;

/// <summary>What all generated ioctl clients and dispatchers do the same way.</summary>
public static class IoctlBoundary
{
    /// <summary>Arguments up to this size are put together on the stack.</summary>
    public const int StackLimit = 1024;

    /// <summary>A callee's copies of buffers up to this size lie on its stack.</summary>
    public const int CopyLimit = 256;

    /// <summary>Issues a call under its caller's crossing. Allocates nothing while nobody observes.</summary>
    /// <param name="hub">Where the crossing is reported, or null.</param>
    /// <param name="call">The call.</param>
    /// <param name="transport">What carries it.</param>
    /// <param name="fd">The descriptor that it goes to.</param>
    /// <param name="frame">Its argument.</param>
    /// <param name="writtenBuffers">Bit n is set if the callee writes the frame's buffer n: it reads zero where an injector drops the call.</param>
    public static SysResult Invoke(CrossingHub? hub, CallInfo call, IoctlTransport transport, Fd fd, scoped in IoctlFrame frame, int writtenBuffers = 0)
    {
        ArgumentNullException.ThrowIfNull(transport);
        if (hub is not { IsActive: true }) return transport.Ioctl(fd, RequestOf(call), frame);
        Span<byte> scalar = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(scalar, frame.Scalar);
        return Cross(hub, call, transport, fd, frame, writtenBuffers, frame.Argument.IsEmpty ? scalar : frame.Argument);
    }

    /// <summary>As <see cref="Invoke"/>, for a call whose argument is the buffer that the field at <paramref name="pointerOffset"/> points to.</summary>
    public static SysResult InvokeVia(CrossingHub? hub, CallInfo call, IoctlTransport transport, Fd fd, scoped in IoctlFrame frame, int pointerOffset)
    {
        ArgumentNullException.ThrowIfNull(transport);
        if (hub is not { IsActive: true }) return transport.Ioctl(fd, RequestOf(call), frame);
        return Cross(hub, call, transport, fd, frame, 0, frame.Buffer(pointerOffset));
    }

    /// <summary>The bytes of <paramref name="items"/> as a frame carries them. The callee only reads them.</summary>
    public static Span<byte> Bytes<T>(ReadOnlySpan<T> items)
        where T : unmanaged
    {
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(items);
        return MemoryMarshal.CreateSpan(ref MemoryMarshal.GetReference(bytes), bytes.Length);
    }

    /// <summary>Copies a caller's argument, once, into <paramref name="local"/>.</summary>
    /// <param name="user">What the caller passed.</param>
    /// <param name="local">The callee's copy; what the caller's lacks stays zero.</param>
    /// <param name="sizeOffset">Offset of the 32-bit field with the caller's size, or −1 for an argument of one fixed size.</param>
    /// <param name="minimum">The smallest size that the callee accepts.</param>
    /// <param name="isExtensible">Whether bytes beyond <paramref name="local"/> are of a later version, and so must be zero.</param>
    /// <param name="size">The caller's size.</param>
    /// <returns>Why the argument is refused, or <see cref="Errno.Ok"/>.</returns>
    public static Errno CopyIn(ReadOnlySpan<byte> user, Span<byte> local, int sizeOffset, int minimum, bool isExtensible, out int size)
    {
        size = minimum;
        if (sizeOffset >= 0 && user.Length < sizeOffset + sizeof(uint)) return Errno.EFAULT;

        // The size is read in the copy as well: another thread may change the caller's, and the callee must not see two of them.
        int copied = Math.Min(user.Length, local.Length);
        user[..copied].CopyTo(local);
        if (sizeOffset >= 0)
        {
            uint stated = BinaryPrimitives.ReadUInt32LittleEndian(local[sizeOffset..]);
            if (stated < (uint)minimum) return Errno.EINVAL;
            if (stated > (uint)user.Length) return Errno.EFAULT;
            size = (int)stated;
            if (size < copied) local[size..copied].Clear();
        }

        if (user.Length < size) return Errno.EFAULT;
        return isExtensible && size > local.Length && !IsZero(user[local.Length..size]) ? Errno.E2BIG : Errno.Ok;
    }

    /// <summary>Copies, once, what follows the part of a caller's argument that was copied before.</summary>
    /// <param name="user">What the caller passed.</param>
    /// <param name="local">The callee's copy of all of it.</param>
    /// <param name="copied">Bytes that are there already.</param>
    /// <param name="size">The caller's size, as it was read then.</param>
    /// <returns>Why the argument is refused, or <see cref="Errno.Ok"/>.</returns>
    public static Errno CopyRest(ReadOnlySpan<byte> user, Span<byte> local, int copied, int size)
    {
        if (size < local.Length) return Errno.EINVAL;
        if (user.Length < local.Length) return Errno.EFAULT;
        user[copied..local.Length].CopyTo(local[copied..]);
        return Errno.Ok;
    }

    /// <summary>Copies the callee's answer back, as far as the caller has room for it.</summary>
    public static void CopyOut(ReadOnlySpan<byte> local, Span<byte> user, int size) => local[..Math.Min(size, local.Length)].CopyTo(user);

    /// <summary>Whether <paramref name="bytes"/> are all zero.</summary>
    public static bool IsZero(ReadOnlySpan<byte> bytes) => !bytes.ContainsAnyExcept((byte)0);

    /// <summary>The elements that a caller's pointer gives, where the caller has them: to be copied before they are used (<see cref="UserCopy{T}"/>).</summary>
    /// <param name="buffer">The memory behind the pointer; empty for none.</param>
    /// <param name="count">How many elements the caller says there are.</param>
    /// <param name="items">The elements.</param>
    /// <returns><see cref="Errno.EFAULT"/> where there ought to be some and there is no memory, else <see cref="Errno.Ok"/>.</returns>
    public static Errno Items<T>(Span<byte> buffer, ulong count, out Span<T> items)
        where T : unmanaged
    {
        items = MemoryMarshal.Cast<byte, T>(buffer);
        if (count > 0 && items.IsEmpty) return Errno.EFAULT;
        if (count < (ulong)items.Length) items = items[..(int)count];
        return Errno.Ok;
    }

    /// <summary>The elements that follow a caller's argument, where the caller has them: to be copied before they are used (<see cref="UserCopy{T}"/>).</summary>
    /// <param name="tail">The memory after the argument, as far as the caller's size goes.</param>
    /// <param name="count">How many elements the caller says there are.</param>
    /// <param name="items">The elements.</param>
    /// <returns><see cref="Errno.EINVAL"/> where there are fewer than that, else <see cref="Errno.Ok"/>.</returns>
    public static Errno TailItems<T>(Span<byte> tail, ulong count, out Span<T> items)
        where T : unmanaged
    {
        items = MemoryMarshal.Cast<byte, T>(tail);
        if (count > (ulong)items.Length) return Errno.EINVAL;
        items = items[..(int)count];
        return Errno.Ok;
    }

    /// <summary>Opens the callee's crossing.</summary>
    public static CrossingScope OpenServer(CrossingHub? hub, CallInfo call, scoped ReadOnlySpan<byte> recorded) =>
        hub is { IsActive: true } ? hub.Open(call, CrossingSide.Server, recorded) : default;

    /// <summary>The outcome of a call that an injector keeps from its callee. Its outputs in <paramref name="recorded"/> become zero.</summary>
    public static SysResult Skip(scoped in CrossingScope crossing, CallInfo call, Span<byte> recorded)
    {
        Clear(call, recorded);
        return new SysResult(crossing.Outcome);
    }

    private static SysResult Cross(
        CrossingHub hub, CallInfo call, IoctlTransport transport, Fd fd, scoped in IoctlFrame frame, int writtenBuffers, scoped Span<byte> recorded)
    {
        using CrossingScope crossing = hub.Open(call, CrossingSide.Client, recorded);
        SysResult result;
        if (crossing.Enter)
        {
            result = transport.Ioctl(fd, RequestOf(call), frame);
        }
        else
        {
            result = Skip(crossing, call, recorded);
            if ((writtenBuffers & 1) != 0) frame.First.Bytes.Clear();
            if ((writtenBuffers & 2) != 0) frame.Second.Bytes.Clear();
            if ((writtenBuffers & 4) != 0) frame.Third.Bytes.Clear();
        }

        crossing.Close(result.Raw, recorded);
        return result;
    }

    private static void Clear(CallInfo call, Span<byte> recorded)
    {
        foreach (ArgumentInfo argument in call.Arguments)
        {
            if (argument.IsOutput && argument.Offset + argument.Size <= recorded.Length) recorded.Slice(argument.Offset, argument.Size).Clear();
        }
    }

    private static uint RequestOf(CallInfo call) =>
        call?.Number is { } number ? (uint)number : throw new InvalidOperationException($"{call?.Name ?? "The call"} has no request number, so it can't be issued.");
}
