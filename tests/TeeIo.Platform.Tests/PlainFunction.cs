using System.Buffers.Binary;
using TeeIo.Pci;
using TeeIo.Pci.Configuration;
using TeeIo.Platform.Hardware;

namespace TeeIo.Platform.Tests;

/// <summary>A function with one BAR of four pages that remember what is written to them; the first two are TEE pages. It has power management, and can be reset alone.</summary>
internal sealed class PlainFunction : IPciFunction, IMmioTarget
{
    public const ulong Size = 4 * PhysicalMemory.PageSize;
    public const int Power = 0x40;
    public const int Express = 0x50;
    private readonly byte[] _config = new byte[ConfigSpaceConstants.Size];
    private readonly byte[] _registers = new byte[Size];
    private readonly ulong _bar;

    public PlainFunction(ushort rid, ulong bar)
    {
        (Address, _bar) = (new PciAddress(0, rid), bar);
        AddCapabilities();
    }

    public int Resets { get; private set; }

    public PciAddress Address { get; }

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

    public ulong BarAddress(int index) => index == 0 ? _bar : 0;

    public ulong BarSize(int index) => index == 0 ? Size : 0;

    public bool IsTeePage(int index, ulong offset) => index == 0 && offset < 2 * PhysicalMemory.PageSize;

    public void Reset()
    {
        Resets++;
        Array.Clear(_config);
        AddCapabilities();
    }

    public void Read(ulong offset, Span<byte> destination, bool tee) => _registers.AsSpan((int)offset, destination.Length).CopyTo(destination);

    public void Write(ulong offset, ReadOnlySpan<byte> source, bool tee) => source.CopyTo(_registers.AsSpan((int)offset));

    private void AddCapabilities()
    {
        WriteConfig((int)ConfigRegister.Status, sizeof(ushort), (uint)ConfigStatus.CapList);
        WriteConfig((int)ConfigRegister.CapabilityList, sizeof(byte), Power);
        WriteConfig(Power, sizeof(ushort), (uint)CapabilityId.Pm | (Express << 8));
        WriteConfig(Express, sizeof(byte), (uint)CapabilityId.Exp);
        WriteConfig(Express + (int)ExpressRegister.Devcap, sizeof(uint), (uint)ExpressDeviceCapabilities.Flr);
    }
}
