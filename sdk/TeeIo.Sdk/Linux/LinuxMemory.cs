using System.Runtime.Versioning;
using TeeIo.Boundaries;

namespace TeeIo.Linux;

/// <summary>Memory that Linux mapped into this process: of its own, or a device's registers.</summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe class LinuxMemory(nint address, ulong length) : UserMemory
{
    private readonly LinuxMapping _mapping = new(address, (nuint)length);

    /// <inheritdoc/>
    public override ulong Address { get; } = (ulong)address;

    /// <inheritdoc/>
    public override ulong Length { get; } = length;

    /// <inheritdoc/>
    /// <remarks>One, two, four or eight bytes at an offset of that alignment are one access, as a device's registers want it.</remarks>
    public override void Read(ulong offset, Span<byte> destination)
    {
        using Access access = new(this, offset, destination.Length);
        fixed (byte* bytes = destination) Copy(access.Bytes, bytes, destination.Length, offset);
    }

    /// <inheritdoc/>
    /// <remarks>As for <see cref="Read"/>.</remarks>
    public override void Write(ulong offset, ReadOnlySpan<byte> source)
    {
        using Access access = new(this, offset, source.Length);
        fixed (byte* bytes = source) Copy(bytes, access.Bytes, source.Length, offset);
    }

    /// <inheritdoc/>
    protected override void Release() => _mapping.Dispose();

    private static void Copy(byte* from, byte* to, int count, ulong offset)
    {
        bool isAligned = count is 1 or 2 or 4 or 8 && offset % (ulong)count == 0;
        switch (isAligned ? count : 0)
        {
            case 1: Volatile.Write(ref *to, Volatile.Read(ref *from)); break;
            case 2: Volatile.Write(ref *(ushort*)to, Volatile.Read(ref *(ushort*)from)); break;
            case 4: Volatile.Write(ref *(uint*)to, Volatile.Read(ref *(uint*)from)); break;
            case 8: Volatile.Write(ref *(ulong*)to, Volatile.Read(ref *(ulong*)from)); break;
            default: Buffer.MemoryCopy(from, to, count, count); break;
        }
    }

    /// <summary>Keeps the mapping while somebody is in it: another thread may dispose it at any time.</summary>
    private readonly ref struct Access
    {
        private readonly LinuxMapping _mapping;

        public Access(LinuxMemory memory, ulong offset, int count)
        {
            if (offset > memory.Length || (ulong)count > memory.Length - offset)
                throw new ArgumentOutOfRangeException(nameof(offset), offset, $"{count} bytes there don't lie in this memory of {memory.Length} bytes.");
            bool isHeld = false;
            memory._mapping.DangerousAddRef(ref isHeld);
            _mapping = memory._mapping;
            Bytes = (byte*)memory.Address + offset;
        }

        public byte* Bytes { get; }

        public void Dispose() => _mapping.DangerousRelease();
    }
}
