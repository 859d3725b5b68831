using System.Buffers.Binary;
using TeeIo.Kernel.Guest.Conformance;
using TeeIo.Pci;
using TeeIo.Pci.Configuration;
using TeeIo.Platform.Hardware;

namespace TeeIo.Kernel.Tests.Conformance;

/// <summary>The rig's edu device as the platform's kernel finds it: its configuration space, and the two registers that scripts touch.</summary>
internal sealed class EduFunction : IPciFunction, IMmioTarget
{
    public const ulong Size = 1 << 20;
    private const int Msi = 0x40;

    // I/O, memory and errors are on.
    private const uint Firmware = 0x103;
    private readonly byte[] _config = new byte[ConfigSpaceConstants.LegacySize];
    private readonly ulong _bar;
    private uint _liveness;

    public EduFunction(PciAddress address, ulong bar)
    {
        (Address, _bar) = (address, bar);
        Set((int)ConfigRegister.VendorId, sizeof(ushort), EduIdentity.VendorId);
        Set((int)ConfigRegister.DeviceId, sizeof(ushort), EduIdentity.DeviceId);
        Set((int)ConfigRegister.Command, sizeof(ushort), Firmware);
        Set((int)ConfigRegister.Status, sizeof(ushort), (uint)ConfigStatus.CapList);

        // Revision and class of QEMU's device.
        Set((int)ConfigRegister.Status + sizeof(ushort), sizeof(uint), 0x00FF_0010);
        Set((int)ConfigRegister.BaseAddress0, sizeof(uint), (uint)bar);
        Set((int)ConfigRegister.CapabilityList, sizeof(byte), Msi);
        Set((int)ConfigRegister.InterruptPin, sizeof(byte), 1);
        Set(Msi, sizeof(byte), (uint)CapabilityId.Msi);
    }

    public PciAddress Address { get; }

    public IDoeMailbox? Mailbox => null;

    public int InterruptVectors => 0;

    public uint ReadConfig(int offset, int size)
    {
        Span<byte> value = stackalloc byte[sizeof(uint)];
        value.Clear();
        if (offset + size <= _config.Length) _config.AsSpan(offset, size).CopyTo(value);
        return BinaryPrimitives.ReadUInt32LittleEndian(value);
    }

    /// <remarks>Of what scripts write only the command register is the device's to keep, and the line that firmware writes down.</remarks>
    public void WriteConfig(int offset, int size, uint value)
    {
        for (int i = 0; i < size; i++)
        {
            int at = offset + i;
            if (at is (int)ConfigRegister.Command or (int)ConfigRegister.Command + 1 or (int)ConfigRegister.InterruptLine) _config[at] = (byte)(value >> (8 * i));
        }
    }

    public ulong BarAddress(int bar) => bar == 0 ? _bar : 0;

    public ulong BarSize(int bar) => bar == 0 ? Size : 0;

    public bool IsTeePage(int bar, ulong offset) => false;

    /// <remarks>The device has no reset of its own: VFIO gives it back as firmware left it.</remarks>
    public void Reset() => Set((int)ConfigRegister.Command, sizeof(ushort), Firmware);

    public void Read(ulong offset, Span<byte> destination, bool tee)
    {
        destination.Fill(0xFF);
        if (offset == EduIdentity.Identification) BinaryPrimitives.TryWriteUInt32LittleEndian(destination, 0x0100_00ED);
        if (offset == EduIdentity.Liveness) BinaryPrimitives.TryWriteUInt32LittleEndian(destination, ~_liveness);
    }

    public void Write(ulong offset, ReadOnlySpan<byte> source, bool tee)
    {
        if (offset == EduIdentity.Liveness && BinaryPrimitives.TryReadUInt32LittleEndian(source, out uint value)) _liveness = value;
    }

    private void Set(int offset, int size, uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        bytes[..size].CopyTo(_config.AsSpan(offset));
    }
}
