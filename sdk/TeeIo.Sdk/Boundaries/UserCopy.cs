using System.Buffers;
using System.Runtime.InteropServices;

namespace TeeIo.Boundaries;

/// <summary>A callee's own copy of a caller's buffer: the caller may change its buffer while the call runs, but not this. A small copy lies on the callee's stack, a larger one in
/// pooled memory, so that no call allocates.</summary>
/// <typeparam name="T">What the buffer consists of.</typeparam>
public readonly ref struct UserCopy<T>
    where T : unmanaged
{
    private readonly Span<T> _user;
    private readonly byte[]? _rented;

    /// <summary>Copies a buffer.</summary>
    /// <param name="user">The caller's buffer.</param>
    /// <param name="room">The callee's stack, which takes the copy if that fits.</param>
    public UserCopy(Span<T> user, Span<byte> room)
    {
        _user = user;
        int length = MemoryMarshal.AsBytes(user).Length;
        if (length > room.Length) room = _rented = ArrayPool<byte>.Shared.Rent(length);
        Items = MemoryMarshal.Cast<byte, T>(room[..length]);
        user.CopyTo(Items);
    }

    /// <summary>The copy.</summary>
    public Span<T> Items { get; }

    /// <summary>Copies what the callee made of it back to the caller.</summary>
    public void CopyOut() => Items.CopyTo(_user);

    /// <summary>Gives pooled memory back.</summary>
    public void Dispose()
    {
        if (_rented is not null) ArrayPool<byte>.Shared.Return(_rented);
    }
}
