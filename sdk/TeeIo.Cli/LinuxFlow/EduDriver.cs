using System.Buffers.Binary;
using EduDma;
using TeeIo.Guest;
using TeeIo.Pci.Configuration;

namespace TeeIo.Cli.LinuxFlow;

/// <summary>A guest's driver of QEMU's edu device, which has no TDISP: it can be used shared.</summary>
/// <param name="machine">The guest's machine.</param>
internal sealed class EduDriver(GuestMachine machine) : IGuestDeviceDriver
{
    private const int MaxPolls = 1000;
    private const int Half = GuestMachine.PageSize / 2;

    /// <inheritdoc/>
    public bool Probe(GuestDevice device)
    {
        if (machine.ReadConfig(device.RequesterId, (int)ConfigRegister.VendorId, sizeof(ushort)) != EduConstants.VendorId) return false;
        if (machine.ReadConfig(device.RequesterId, (int)ConfigRegister.DeviceId, sizeof(ushort)) != EduConstants.DeviceId) return false;
        PciFunctionSetup.Enable(machine, device);
        return device.BarSize[0] != 0;
    }

    /// <inheritdoc/>
    public bool Answers(GuestDevice device, bool isPrivate) =>
        Set(device, EduRegister.Liveness, (uint)device.RequesterId, isPrivate) && Get(device, EduRegister.Liveness, isPrivate, out uint inverse) && inverse == ~(uint)device.RequesterId;

    /// <inheritdoc/>
    /// <remarks>The device can't fill: it takes a pattern out of the page's first half and puts it into the second.</remarks>
    public bool FillAndCheck(GuestDevice device, byte seed, bool isPrivate)
    {
        ulong page = machine.AllocatePages(1, isPrivate);
        if (page == 0) return false;
        byte[] pattern = [.. Enumerable.Range(0, Half).Select(i => unchecked((byte)(seed + i)))];
        byte[] copy = new byte[Half];
        bool isDone = machine.TryWrite(page, pattern, isPrivate)
            && Copy(device, page, EduConstants.Buffer, EduDmaCommand.None, isPrivate)
            && Copy(device, EduConstants.Buffer, page + Half, EduDmaCommand.ToMemory, isPrivate)
            && machine.TryRead(page + Half, copy, isPrivate);
        machine.FreePages(page, 1);
        return isDone && pattern.AsSpan().SequenceEqual(copy);
    }

    private bool Copy(GuestDevice device, ulong source, ulong destination, EduDmaCommand direction, bool isPrivate)
    {
        if (!Set(device, EduRegister.DmaSource, (uint)source, isPrivate) || !Set(device, EduRegister.DmaDestination, (uint)destination, isPrivate)) return false;
        if (!Set(device, EduRegister.DmaCount, Half, isPrivate) || !Set(device, EduRegister.DmaCommand, (uint)(EduDmaCommand.Start | direction), isPrivate)) return false;
        for (int i = 0; i < MaxPolls; i++)
        {
            if (!Get(device, EduRegister.DmaCommand, isPrivate, out uint command)) return false;
            if ((command & (uint)EduDmaCommand.Start) == 0) return true;
            machine.Sleep(TimeSpan.FromMilliseconds(1));
        }

        return false;
    }

    private bool Get(GuestDevice device, EduRegister register, bool isPrivate, out uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        bool isRead = machine.TryRead(device.BarBase[0] + (ulong)register, bytes, isPrivate);
        value = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        return isRead;
    }

    private bool Set(GuestDevice device, EduRegister register, uint value, bool isPrivate)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return machine.TryWrite(device.BarBase[0] + (ulong)register, bytes, isPrivate);
    }
}
