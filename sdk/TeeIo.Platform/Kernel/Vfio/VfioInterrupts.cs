using System.Numerics;
using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Linux.Vfio;
using TeeIo.Pci.Configuration;
using TeeIo.Platform.Hardware;

namespace TeeIo.Platform.Kernel.Vfio;

/// <summary>A function's interrupts in its user's hands. The platform has no eventfds: vectors can be switched on without one, and a descriptor that is no eventfd is refused as Linux does.</summary>
/// <remarks>Source: Linux 7.3 drivers/vfio/pci/vfio_pci_intrs.c.</remarks>
internal sealed class VfioInterrupts(VfioFile file)
{
    /// <summary>Kinds of interrupts.</summary>
    public const uint Count = (uint)VfioPciIrq.ReqIrqIndex + 1;

    private const VfioIrqSetFlags Kinds = VfioIrqSetFlags.DataNone | VfioIrqSetFlags.DataBool | VfioIrqSetFlags.DataEventfd;
    private const VfioIrqSetFlags Actions = VfioIrqSetFlags.ActionMask | VfioIrqSetFlags.ActionUnmask | VfioIrqSetFlags.ActionTrigger;
    private VfioPciIrq? _used;

    /// <summary>Vectors of a kind.</summary>
    public uint Vectors(VfioPciIrq index)
    {
        IPciFunction function = file.Device.Function;
        return index switch
        {
            VfioPciIrq.IntxIrqIndex => function.ReadConfig((int)ConfigRegister.InterruptPin, sizeof(byte)) == 0 ? 0u : 1,
            VfioPciIrq.MsiIrqIndex when Capabilities.Find(function, CapabilityId.Msi) is { } msi =>
                1u << (int)((function.ReadConfig(msi + (int)MsiRegister.Flags, sizeof(ushort)) & ConfigSpaceConstants.MsiQmaskMask) >> ConfigSpaceConstants.MsiQmaskShift),
            VfioPciIrq.MsixIrqIndex => (uint)function.InterruptVectors,
            VfioPciIrq.ErrIrqIndex or VfioPciIrq.ReqIrqIndex => 1,
            _ => 0,
        };
    }

    /// <summary>VFIO_DEVICE_SET_IRQS.</summary>
    public SysResult Set(in VfioIrqSet argument, ReadOnlySpan<Fd> events)
    {
        if (argument.Index >= Count || argument.Count >= uint.MaxValue - argument.Start || (argument.Flags & ~(Kinds | Actions)) != 0) return Errno.EINVAL;
        var index = (VfioPciIrq)argument.Index;
        uint vectors = Vectors(index);
        if (argument.Start >= vectors || argument.Count > vectors - argument.Start) return Errno.EINVAL;
        if (BitOperations.PopCount((uint)(argument.Flags & Kinds)) != 1) return Errno.EINVAL;
        bool isMessage = index is VfioPciIrq.MsiIrqIndex or VfioPciIrq.MsixIrqIndex;
        return (argument.Flags & Actions) switch
        {
            VfioIrqSetFlags.ActionTrigger when isMessage => TriggerMessages(index, argument, events),
            VfioIrqSetFlags.ActionTrigger when index == VfioPciIrq.IntxIrqIndex => TriggerPin(argument, events),
            VfioIrqSetFlags.ActionTrigger => TriggerSingle(argument, events),
            VfioIrqSetFlags.ActionMask or VfioIrqSetFlags.ActionUnmask when index == VfioPciIrq.IntxIrqIndex =>
                _used == index && argument.Start == 0 && argument.Count == 1 ? SysResult.Ok : Errno.EINVAL,
            _ => Errno.ENOTTY,
        };
    }

    private SysResult TriggerMessages(VfioPciIrq index, in VfioIrqSet argument, ReadOnlySpan<Fd> events)
    {
        if (_used == index && argument.Count == 0 && argument.Flags.HasFlag(VfioIrqSetFlags.DataNone)) return Disable();
        if (_used is { } used && used != index) return Errno.EINVAL;
        if (!argument.Flags.HasFlag(VfioIrqSetFlags.DataEventfd)) return _used == index ? SysResult.Ok : Errno.EINVAL;
        SysResult checkedEvents = Check(events);
        if (checkedEvents.IsOk) _used = index;
        return checkedEvents;
    }

    private SysResult TriggerPin(in VfioIrqSet argument, ReadOnlySpan<Fd> events)
    {
        bool isUsed = _used == VfioPciIrq.IntxIrqIndex;
        if (isUsed && argument.Count == 0 && argument.Flags.HasFlag(VfioIrqSetFlags.DataNone)) return Disable();
        if ((_used is not null && !isUsed) || argument.Start != 0 || argument.Count != 1) return Errno.EINVAL;
        if (!argument.Flags.HasFlag(VfioIrqSetFlags.DataEventfd)) return isUsed ? SysResult.Ok : Errno.EINVAL;
        SysResult checkedEvents = Check(events);
        if (checkedEvents.IsOk) _used = VfioPciIrq.IntxIrqIndex;
        return checkedEvents;
    }

    private SysResult TriggerSingle(in VfioIrqSet argument, ReadOnlySpan<Fd> events)
    {
        if (argument.Start != 0 || argument.Count > 1) return Errno.EINVAL;
        return argument.Count == 1 && argument.Flags.HasFlag(VfioIrqSetFlags.DataEventfd) ? Check(events) : Errno.EINVAL;
    }

    private SysResult Disable()
    {
        _used = null;
        return SysResult.Ok;
    }

    private SysResult Check(ReadOnlySpan<Fd> events)
    {
        foreach (Fd fd in events)
        {
            if (fd.Value >= 0) return file.Owner.File(fd) is null ? Errno.EBADF : Errno.EINVAL;
        }

        return SysResult.Ok;
    }
}
