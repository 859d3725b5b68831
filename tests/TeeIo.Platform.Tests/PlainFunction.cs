using System.Buffers.Binary;
using TeeIo.Pci;
using TeeIo.Pci.Configuration;
using TeeIo.Platform.Hardware;

namespace TeeIo.Platform.Tests;

/// <summary>A function with one BAR of four pages that remember what is written to them; the first two are TEE pages.</summary>
internal sealed class PlainFunction(ushort rid, ulong bar) : IPciFunction, IMmioTarget
{
    public const ulong Size = 4 * PhysicalMemory.PageSize;
    private readonly byte[] _config = new byte[ConfigSpaceConstants.Size];
    private readonly byte[] _registers = new byte[Size];

    public int Resets { get; private set; }

    public PciAddress Address { get; } = new(0, rid);

    public IDoeMailbox? Mailbox => null;

    public int InterruptVectors => 2;

    public uint ReadConfig(int offset, int size)
    {
        Span<byte> value = stackalloc byte[sizeof(uint)];
        value.Clear();
        _config.AsSpan(offset, size).CopyTo(value);
        return BinaryPrimitives.ReadUInt32LittleEndian(value);
    }

    public void WriteConfig(int offset, int size, uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        bytes[..size].CopyTo(_config.AsSpan(offset));
    }

    public ulong BarAddress(int index) => index == 0 ? bar : 0;

    public ulong BarSize(int index) => index == 0 ? Size : 0;

    public bool IsTeePage(int index, ulong offset) => index == 0 && offset < 2 * PhysicalMemory.PageSize;

    public void Reset()
    {
        Resets++;
        Array.Clear(_config);
    }

    public void Read(ulong offset, Span<byte> destination, bool tee) => _registers.AsSpan((int)offset, destination.Length).CopyTo(destination);

    public void Write(ulong offset, ReadOnlySpan<byte> source, bool tee) => source.CopyTo(_registers.AsSpan((int)offset));
}
