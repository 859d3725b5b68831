using System.Buffers.Binary;
using TeeIo.Boundaries;
using TeeIo.Pci.Configuration;

namespace TeeIo.Platform.Kernel.Vfio;

/// <summary>A function's configuration space as its user sees it: the BARs are the user's own, the rest is the device's.</summary>
internal sealed class VfioConfigSpace(VfioDevice device)
{
    private const int FirstBar = (int)ConfigRegister.BaseAddress0;
    private readonly uint?[] _bars = new uint?[ConfigSpaceConstants.BarCount];

    /// <summary>Bytes of it: the extended part is a PCI Express function's.</summary>
    public int Length => Capabilities.Find(device.Function, CapabilityId.Exp) is null ? ConfigSpaceConstants.LegacySize : ConfigSpaceConstants.Size;

    /// <summary>Reads, register by register.</summary>
    public void Read(int offset, Span<byte> destination)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        while (!destination.IsEmpty)
        {
            int size = Piece(offset, destination.Length);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, Read(offset, size));
            bytes[..size].CopyTo(destination);
            offset += size;
            destination = destination[size..];
        }
    }

    /// <summary>Writes, register by register, up to one that is refused.</summary>
    /// <returns>How many bytes, or why not the first of them.</returns>
    public SysResult Write(int offset, ReadOnlySpan<byte> source)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        int done = 0;
        while (done < source.Length)
        {
            int size = Piece(offset + done, source.Length - done);
            bytes.Clear();
            source.Slice(done, size).CopyTo(bytes);
            SysResult written = Write(offset + done, size, BinaryPrimitives.ReadUInt32LittleEndian(bytes));
            if (!written.IsOk) return done == 0 ? written : SysResult.Of(done);
            done += size;
        }

        return SysResult.Of(done);
    }

    private static int Piece(int offset, int length) => length >= sizeof(uint) && offset % sizeof(uint) == 0 ? sizeof(uint) : length >= sizeof(ushort) && offset % sizeof(ushort) == 0 ? sizeof(ushort) : 1;

    private uint Read(int offset, int size)
    {
        if (BarIndex(offset) is not { } bar) return device.Function.ReadConfig(offset, size);
        uint value = _bars[bar] ?? device.Function.ReadConfig(FirstBar + (bar * sizeof(uint)), sizeof(uint));
        int shift = 8 * (offset % sizeof(uint));
        return (value >> shift) & Mask(size);
    }

    private SysResult Write(int offset, int size, uint value)
    {
        if (BarIndex(offset) is not { } bar) return device.WriteConfig(offset, size, value);
        uint flags = device.Function.ReadConfig(FirstBar + (bar * sizeof(uint)), sizeof(uint)) & ConfigSpaceConstants.BarFlagsMask;
        int shift = 8 * (offset % sizeof(uint));
        uint before = Read(FirstBar + (bar * sizeof(uint)), sizeof(uint));
        uint written = (before & ~(Mask(size) << shift)) | ((value & Mask(size)) << shift);
        _bars[bar] = Decode(bar, written, flags);
        return SysResult.Ok;
    }

    /// <summary>Only the bits above the BAR's size stick, so that writing all ones tells the size.</summary>
    private uint Decode(int bar, uint written, uint flags)
    {
        if (device.Function.BarSize(bar) is var size and > 0) return (written & ~(uint)(size - 1)) | flags;
        bool isHighHalf = bar > 0 && device.Function.BarSize(bar - 1) > 0 && ((BarFlags)device.Function.ReadConfig(FirstBar + ((bar - 1) * sizeof(uint)), sizeof(uint)) & BarFlags.MemType64) != 0;
        return isHighHalf ? written & ~(uint)((device.Function.BarSize(bar - 1) - 1) >> 32) : 0;
    }

    private static int? BarIndex(int offset) =>
        offset >= FirstBar && offset < FirstBar + (ConfigSpaceConstants.BarCount * sizeof(uint)) ? (offset - FirstBar) / sizeof(uint) : null;

    private static uint Mask(int size) => size == sizeof(uint) ? uint.MaxValue : (1u << (8 * size)) - 1;
}
