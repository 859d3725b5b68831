using System.Buffers.Binary;
using TeeIo.Pci.Configuration;
using TeeIo.Pci.ModelDevice;

namespace TeeIo.Guest;

/// <summary>The guest's driver of the model device: finds it, has it move data, checks the data.</summary>
/// <param name="machine">The guest's machine.</param>
internal sealed class ModelDeviceDriver(GuestMachine machine)
{
    private const int TransferSize = GuestMachine.PageSize;

    /// <summary>Finds the device, sizes its BARs and switches it on.</summary>
    public bool Probe(GuestDevice device)
    {
        ushort id = device.RequesterId;
        if (machine.ReadConfig(id, (int)ConfigRegister.VendorId, sizeof(ushort)) != ModelDeviceConstants.VendorId) return false;
        for (int bar = 0; bar < device.BarBase.Length; bar++)
        {
            int register = (int)ConfigRegister.BaseAddress0 + (bar * sizeof(uint));
            uint address = machine.ReadConfig(id, register, sizeof(uint));
            machine.WriteConfig(id, register, sizeof(uint), uint.MaxValue);
            uint mask = machine.ReadConfig(id, register, sizeof(uint));
            machine.WriteConfig(id, register, sizeof(uint), address);
            (device.BarBase[bar], device.BarSize[bar]) = address == 0 ? (0UL, 0UL) : (address & ~ConfigurationSpaceMask, (ulong)~(mask & ~ConfigurationSpaceMask) + 1);
        }

        uint command = machine.ReadConfig(id, (int)ConfigRegister.Command, sizeof(ushort));
        machine.WriteConfig(id, (int)ConfigRegister.Command, sizeof(ushort), command | (uint)(ConfigCommand.Memory | ConfigCommand.Master));
        return device.BarSize[0] != 0;
    }

    /// <summary>Has the device fill a page of memory and checks every byte.</summary>
    /// <param name="device">The device.</param>
    /// <param name="seed">Seed of the pattern.</param>
    /// <param name="isPrivate">Whether registers and memory are used privately.</param>
    public bool FillAndCheck(GuestDevice device, byte seed, bool isPrivate)
    {
        ulong page = machine.AllocatePages(1, isPrivate);
        if (page == 0) return false;
        try
        {
            return Command(device, ModelCommand.FillMemory, page, seed, isPrivate) && IsPattern(page, seed, isPrivate);
        }
        finally
        {
            machine.FreePages(page, 1);
        }
    }

    /// <summary>Whether the device's registers answer.</summary>
    public bool Answers(GuestDevice device, bool isPrivate) =>
        TryReadRegister(device, ModelRegister.Magic, isPrivate, out uint magic) && magic == ModelDeviceConstants.Magic;

    private static uint ConfigurationSpaceMask => (uint)ConfigSpaceConstants.BarFlagsMask;

    private bool Command(GuestDevice device, ModelCommand command, ulong address, byte seed, bool isPrivate)
    {
        Span<byte> wide = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(wide, address);
        return machine.TryWrite(device.BarBase[0] + (ulong)ModelRegister.DmaAddress, wide, isPrivate)
            && TryWriteRegister(device, ModelRegister.DmaLength, TransferSize, isPrivate)
            && TryWriteRegister(device, ModelRegister.Pattern, seed, isPrivate)
            && TryWriteRegister(device, ModelRegister.Doorbell, (uint)command, isPrivate)
            && TryReadRegister(device, ModelRegister.Status, isPrivate, out uint status)
            && ((ModelStatus)status & (ModelStatus.Done | ModelStatus.Failed)) == ModelStatus.Done
            && ((ModelStatus)status).HasFlag(ModelStatus.Trusted) == isPrivate;
    }

    private bool IsPattern(ulong page, byte seed, bool isPrivate)
    {
        byte[] data = new byte[TransferSize];
        if (!machine.TryRead(page, data, isPrivate)) return false;
        for (int i = 0; i < data.Length; i++)
        {
            if (data[i] != unchecked((byte)(seed + i))) return false;
        }

        return true;
    }

    private bool TryReadRegister(GuestDevice device, ModelRegister register, bool isPrivate, out uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        bool read = machine.TryRead(device.BarBase[0] + (ulong)register, bytes, isPrivate);
        value = read ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : 0;
        return read;
    }

    private bool TryWriteRegister(GuestDevice device, ModelRegister register, uint value, bool isPrivate)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return machine.TryWrite(device.BarBase[0] + (ulong)register, bytes, isPrivate);
    }
}
