using TeeIo.Boundaries;
using TeeIo.Linux;

namespace TeeIo.Sdk.Tests.Ioctls;

/// <summary>Notes what a call puts on the wire, and answers nothing.</summary>
internal sealed class CapturingTransport : IoctlTransport
{
    /// <summary>The request number.</summary>
    public uint Request { get; private set; }

    /// <summary>The argument's bytes, then each buffer as <c>[offset of its pointer] bytes</c>; a scalar as <c>= number</c>. In hex.</summary>
    public string Wire { get; private set; } = string.Empty;

    public override bool IsModel => true;

    public override SysResult Open(string path) => Errno.ENOENT;

    public override SysResult Close(Fd fd) => SysResult.Ok;

    public override SysResult Ioctl(Fd fd, uint request, scoped in IoctlFrame frame)
    {
        Request = request;
        Wire = frame.Argument.IsEmpty ? (frame.Scalar == 0 ? string.Empty : $"= {frame.Scalar:x}") : Convert.ToHexStringLower(frame.Argument);
        if (frame.BufferCount > 0) Wire += Describe(frame.First);
        if (frame.BufferCount > 1) Wire += Describe(frame.Second);
        if (frame.BufferCount > 2) Wire += Describe(frame.Third);
        return SysResult.Ok;
    }

    public override UserMemory Allocate(ulong length) => new FixedMemory(length);

    public override UserMemory? Map(Fd fd, ulong offset, ulong length, out Errno error)
    {
        error = Errno.ENODEV;
        return null;
    }

    public override SysResult Read(Fd fd, ulong offset, Span<byte> destination) => Errno.EINVAL;

    public override SysResult Write(Fd fd, ulong offset, ReadOnlySpan<byte> source) => Errno.EINVAL;

    private static string Describe(FrameBuffer buffer) => buffer.Bytes.IsEmpty ? string.Empty : $" [{buffer.PointerOffset}] {Convert.ToHexStringLower(buffer.Bytes)}";

    /// <summary>Memory at one address, which nobody touches.</summary>
    private sealed class FixedMemory(ulong length) : UserMemory
    {
        public override ulong Address => 0x7F00_1234_5000;

        public override ulong Length => length;

        public override void Read(ulong offset, Span<byte> destination) => destination.Clear();

        public override void Write(ulong offset, ReadOnlySpan<byte> source)
        {
            // Nothing reads it back.
        }

        protected override void Release()
        {
            // Nothing is held.
        }
    }
}
