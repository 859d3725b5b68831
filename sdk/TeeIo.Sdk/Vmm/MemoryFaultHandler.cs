using System.Runtime.InteropServices;
using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Linux.Kvm;
using TeeIo.Tsm;

namespace TeeIo.Vmm;

/// <summary>Converts guest memory between shared and private when the guest touches it the other way, and has private MMIO mapped when the guest accepts it.</summary>
internal sealed class MemoryFaultHandler(VirtualMachineMonitor vmm)
{
    private const int MaxRequest = 4096;

    /// <summary>Handles a fault. A fault that can't be resolved is answered by running on: the guest's access fails then.</summary>
    public bool Handle(ReadOnlySpan<byte> exit)
    {
        if (!KvmExitMemoryFault.TryRead(exit, out KvmExitMemoryFault fault)) return false;
        bool isPrivate = fault.Flags.HasFlag(MemoryFaultFlags.Private);
        AssignedDevice? device = vmm.Devices.FirstOrDefault(d => d.Bars.Exists(b => b.Contains(fault.Gpa)));
        if (device is null) Convert(fault.Gpa, fault.Size, isPrivate);
        else if (isPrivate) MapPrivateMmio(device, fault.Gpa, fault.Size);
        else if (!device.IsBound) Convert(fault.Gpa, fault.Size, isPrivate: false);
        return true;
    }

    /// <summary>Handles a guest's explicit conversion.</summary>
    public bool HandleHypercall(Span<byte> exit)
    {
        ref KvmExitHypercall call = ref MemoryMarshal.AsRef<KvmExitHypercall>(exit);
        if (call.Nr != KvmHypercall.MapGpaRange) return false;
        Span<ulong> arguments = call.Args;
        bool isPrivate = ((MapGpaRangeFlags)arguments[2]).HasFlag(MapGpaRangeFlags.Encrypted);
        (ulong gpa, ulong pages) = (arguments[0], arguments[1]);
        bool isDone = IsGuests(gpa, pages) && Convert(gpa, pages * Guest.GuestMachine.PageSize, isPrivate).IsOk;
        call.Ret = isDone ? 0 : ulong.MaxValue;
        return true;
    }

    /// <summary>Whether a range that the guest named is all memory of its own, or all of one BAR: the kernel keeps track of each page, so nobody may name any number of them.</summary>
    private bool IsGuests(ulong gpa, ulong pages)
    {
        if (gpa % Guest.GuestMachine.PageSize != 0 || pages == 0) return false;
        return IsInside(gpa, pages, 0, vmm.Ram.Memory.Length) || vmm.Devices.Any(d => d.Bars.Exists(b => IsInside(gpa, pages, b.GuestAddress, b.Size)));
    }

    private static bool IsInside(ulong gpa, ulong pages, ulong start, ulong size) =>
        gpa >= start && gpa - start <= size && pages <= (size - (gpa - start)) / Guest.GuestMachine.PageSize;

    private SysResult Convert(ulong gpa, ulong size, bool isPrivate) =>
        new KvmVmClient(vmm.Transport, vmm.Vm, vmm.Hub).TrySetMemoryAttributes(gpa, size, isPrivate ? MemoryAttributes.Private : default);

    private void MapPrivateMmio(AssignedDevice device, ulong gpa, ulong size)
    {
        if (!device.IsBound) return;
        using ContextScope about = vmm.Hub.About(device.Subject);
        if (!device.IsAcceptancePrepared && !PrepareAcceptance(device)) return;
        Convert(gpa, size, isPrivate: true);
    }

    private bool PrepareAcceptance(AssignedDevice device)
    {
        Span<byte> request = stackalloc byte[MaxRequest];
        SysResult length = vmm.AcceptRequests.WriteRequest(vmm.Identity, device.GuestRequesterId, request);
        if (!length.IsOk) return false;
        if (length.Value > 0 && !vmm.Uapi.Request(device, RequestKind.ValidateMmio, request[..(int)length.Value], []).IsOk) return false;
        device.IsAcceptancePrepared = true;
        return true;
    }
}
