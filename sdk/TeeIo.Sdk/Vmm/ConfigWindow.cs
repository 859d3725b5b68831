using System.Buffers.Binary;
using System.Runtime.InteropServices;
using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Linux.Kvm;
using TeeIo.Linux.Vfio;
using TeeIo.Pci.Configuration;

namespace TeeIo.Vmm;

/// <summary>The guest's configuration space window: shows each assigned device's own registers, with the BARs where the VMM has placed them.</summary>
internal sealed class ConfigWindow(VirtualMachineMonitor vmm)
{
    private const int FunctionShift = 12;
    private const ulong WindowSize = 1UL << (16 + FunctionShift);
    private readonly Dictionary<(AssignedDevice Device, uint Bar), bool> _sizing = [];

    /// <summary>Handles an access outside memory. Where there is nothing, reads give all ones and writes are dropped, as on a bus.</summary>
    public bool Handle(Span<byte> exit)
    {
        ref KvmExitMmio access = ref MemoryMarshal.AsRef<KvmExitMmio>(exit);
        Span<byte> data = access.Data;
        if (access.Len > (uint)data.Length) return false;
        data = data[..(int)access.Len];
        bool isWrite = access.IsWrite != 0;
        ulong window = access.PhysAddr - vmm.Options.ConfigWindow;
        AssignedDevice? device = window < WindowSize ? vmm.Find((uint)(window >> FunctionShift)) : null;
        if (device is null)
        {
            if (!isWrite) data.Fill(0xFF);
            return true;
        }

        using ContextScope about = vmm.Hub.About(device.Subject);
        int offset = (int)(window & ((1UL << FunctionShift) - 1));
        if (BarAt(offset, data.Length) is { } bar) AccessBar(device, bar, data, isWrite);
        else AccessDevice(device, offset, data, isWrite);
        return true;
    }

    private static uint? BarAt(int offset, int size)
    {
        int first = (int)ConfigRegister.BaseAddress0;
        int index = (offset - first) / sizeof(uint);
        return size == sizeof(uint) && offset >= first && index <= (int)VfioPciRegion.Bar5RegionIndex && offset % sizeof(uint) == 0 ? (uint)index : null;
    }

    /// <summary>The guest sees 32-bit memory BARs at the VMM's addresses; writing all ones and reading back gives the size, as on hardware.</summary>
    private void AccessBar(AssignedDevice device, uint index, Span<byte> data, bool isWrite)
    {
        AssignedBar? bar = device.Bars.Find(b => b.Index == index);
        if (isWrite)
        {
            _sizing[(device, index)] = BinaryPrimitives.ReadUInt32LittleEndian(data) == uint.MaxValue;
            return;
        }

        bool sizing = _sizing.GetValueOrDefault((device, index));
        uint value = bar is null ? 0 : sizing ? (uint)~(bar.Size - 1) : (uint)bar.GuestAddress;
        BinaryPrimitives.WriteUInt32LittleEndian(data, value);
    }

    private void AccessDevice(AssignedDevice device, int offset, Span<byte> data, bool isWrite)
    {
        if (!device.Vfio.TryGetRegionInfo(out _, (uint)VfioPciRegion.ConfigRegionIndex, out _, out ulong size, out ulong start).IsOk || (ulong)(offset + data.Length) > size)
        {
            if (!isWrite) data.Fill(0xFF);
            return;
        }

        SysResult done = isWrite
            ? vmm.Transport.Write(device.File, start + (ulong)offset, data)
            : vmm.Transport.Read(device.File, start + (ulong)offset, data);
        if (!isWrite && done.Value != data.Length) data.Fill(0xFF);
    }
}
