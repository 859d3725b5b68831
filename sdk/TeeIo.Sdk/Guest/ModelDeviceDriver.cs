using System.Buffers.Binary;
using TeeIo.Pci.Configuration;
using TeeIo.Pci.ModelDevice;

namespace TeeIo.Guest;

/// <summary>The guest's driver of the model device: finds it, has it move data, checks the data.</summary>
/// <param name="machine">The guest's machine.</param>
internal sealed class ModelDeviceDriver(GuestMachine machine) : IGuestDeviceDriver
{
    private const int TransferSize = GuestMachine.PageSize;

    /// <inheritdoc/>
    public bool Probe(GuestDevice device)
    {
        if (machine.ReadConfig(device.RequesterId, (int)ConfigRegister.VendorId, sizeof(ushort)) != ModelDeviceConstants.VendorId) return false;
        PciFunctionSetup.Enable(machine, device);
        return device.BarSize[0] != 0;
    }

    /// <inheritdoc/>
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

    /// <inheritdoc/>
    public bool Answers(GuestDevice device, bool isPrivate) =>
        TryReadRegister(device, ModelRegister.Magic, isPrivate, out uint magic) && magic == ModelDeviceConstants.Magic;

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
