using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Linux;
using TeeIo.Linux.PciCore;
using TeeIo.Pci.Configuration;
using TeeIo.Platform.Hardware;
using TeeIo.Platform.Kernel.Iommufd;
using TeeIo.Platform.Kernel.Kvm;
using TeeIo.Scheduling;
using TeeIo.Tsm;

namespace TeeIo.Platform.Kernel.Vfio;

/// <summary>A function in VFIO's hands: who has it, its dma-bufs, and whether its TEE ranges are withheld because it is locked.</summary>
internal sealed class VfioDevice(SoftwareKernel kernel, IPciFunction function, TsmFunction tsm)
{
    private readonly OrderedLock _memoryLock = new(kernel.Locks, TsmOpsLocks.VfioMemory, function.Address.ToString());
    private bool _isWithheld;
    private bool _isRevokedByUnbind;
    private KvmVm? _trustedDmaOf;

    public SoftwareKernel Kernel { get; } = kernel;

    public IPciFunction Function { get; } = function;

    public TsmFunction Tsm { get; } = tsm;

    /// <summary>The file that bound it to an iommufd, or null.</summary>
    public VfioFile? User { get; set; }

    public List<VfioDmaBuffer> Buffers { get; } = [];

    /// <summary>Whether it's bound to a VM as a trusted device, or a teardown has failed and its owner isn't known to have let go.</summary>
    public bool IsBound => Tsm.Tdi is not null;

    /// <summary>Whether it has left the bus: whoever still has it open gets ENODEV.</summary>
    public bool IsGone { get; private set; }

    /// <summary>Whether it can be reset alone.</summary>
    public bool CanReset => Capabilities.Find(Function, CapabilityId.Exp) is { } express
        && ((ExpressDeviceCapabilities)Function.ReadConfig(express + (int)ExpressRegister.Devcap, sizeof(uint))).HasFlag(ExpressDeviceCapabilities.Flr);

    /// <summary>Whether a bridge is above it that could reset its bus: not on the root bus.</summary>
    public bool HasBridge => Function.Address.RequesterId >> 8 != 0;

    public bool DecodesMemory => !IsGone && ConfigWrite.DecodesMemory(Function);

    /// <summary>Whether a page of a BAR has no host, user or shared mapping now.</summary>
    public bool IsWithheld(int bar, ulong offset) => _isWithheld && Function.IsTeePage(bar, offset / PhysicalMemory.PageSize * PhysicalMemory.PageSize);

    /// <summary>Switches memory decoding on and bus mastering off, as for a new user.</summary>
    public void Enable()
    {
        var command = (ConfigCommand)Function.ReadConfig((int)ConfigRegister.Command, sizeof(ushort));
        Function.WriteConfig((int)ConfigRegister.Command, sizeof(ushort), (uint)((command | ConfigCommand.Memory) & ~ConfigCommand.Master));
    }

    /// <summary>Whether there is something of a bind to take back: it's bound, or a step after its unbind has failed.</summary>
    public bool IsStuck => IsBound || _isWithheld || _trustedDmaOf is not null || Tsm.NeedsReset;

    /// <summary>Binds the function to a VM: its TEE ranges leave the host, its trusted tables are prepared, and the TSM locks it. The caller holds the group lock.</summary>
    /// <returns>EBUSY where an earlier bind could not be taken back, in whole or in part.</returns>
    public SysResult Bind(Vdevice vdevice, KvmVm vm)
    {
        if (vdevice.VirtualId > uint.MaxValue) return Errno.EINVAL;
        if (IsStuck && (IsBound || !TakeBack().IsOk)) return Errno.EBUSY;
        SetWithheld(true);
        SysResult result = Kernel.TrustedIommu.SetUp(Tsm, vm.Identity);
        if (result.IsOk)
        {
            _trustedDmaOf = vm;
            result = Kernel.Tsm.TsmBind(Tsm, vm.Identity, (uint)vdevice.VirtualId);
        }

        if (!result.IsOk && !IsBound) TakeBack();
        return result;
    }

    /// <summary>Unbinds the function, if it's bound, in the name of whoever bound it. What the vendor's driver did not ask for during its own unbind is done after it. Where something fails the next call goes on with
    /// it. The caller holds the group lock.</summary>
    /// <returns>EBUSY where a teardown failed.</returns>
    public SysResult Unbind()
    {
        if (!IsStuck) return SysResult.Ok;
        using ContextScope about = Tsm.Tdi?.Subject is { } subject ? Kernel.Hub.About(subject) : default;
        if (IsBound && Kernel.Tsm.TsmUnbind(Tsm) is { IsOk: false } failure) return failure;
        return TakeBack().IsOk ? SysResult.Ok : Errno.EBUSY;
    }

    /// <summary>Unbinds what could not be unbound when its user closed it, and resets it. The caller holds the group lock.</summary>
    public SysResult Retry()
    {
        if (User is not null || !IsStuck) return SysResult.Ok;
        SysResult unbound = Unbind();
        return unbound.IsOk && !IsGone ? Kernel.PciFunctions.Reset(Tsm, ResetKind.Function) : unbound;
    }

    /// <summary>Takes every private mapping of the BARs away: revokes the dma-bufs and drains their importers.</summary>
    public SysResult RevokePrivate()
    {
        using LockHold memory = _memoryLock.Acquire();
        _isRevokedByUnbind = true;
        return Revoke();
    }

    /// <summary>Takes the bind's other parts back, once the function isn't bound any more.</summary>
    private SysResult TakeBack()
    {
        if (Buffers.Exists(IsMapped) && RevokePrivate() is { IsOk: false } failure) return failure;
        if (TearDownTrustedDma() is { IsOk: false } kept) return kept;
        if (Tsm.NeedsReset && !IsGone && Reset(ResetKind.Function) is { IsOk: false } refused) return refused;
        Recover();
        return SysResult.Ok;
    }

    /// <summary>Lets the BARs be mapped shared again.</summary>
    public void Recover()
    {
        using LockHold memory = _memoryLock.Acquire();
        _isWithheld = false;
        _isRevokedByUnbind = false;
        Restore();
    }

    public SysResult TearDownTrustedDma()
    {
        if (_trustedDmaOf is not { } vm) return SysResult.Ok;
        SysResult result = Kernel.TrustedIommu.TearDown(Tsm, vm.Identity);
        if (result.IsOk) _trustedDmaOf = null;
        return result.IsOk ? result : Errno.EIO;
    }

    /// <summary>Resets the function with its BARs out of everybody's reach. Not while it's bound. The caller holds the group lock, so that nobody binds it meanwhile.</summary>
    public SysResult Reset(ResetKind kind)
    {
        using LockHold memory = _memoryLock.Acquire();
        return ResetLocked(kind);
    }

    /// <summary>Writes configuration space. While the function is bound, what would reset it, put it to sleep, or stop its memory decoding or bus mastering is refused.</summary>
    public SysResult WriteConfig(int offset, int size, uint value)
    {
        using LockHold group = Kernel.GroupLock.Acquire();
        using LockHold memory = _memoryLock.Acquire();
        if (IsGone) return Errno.ENODEV;
        var write = new ConfigWrite(Function, offset, size, value);
        if (write.StartsReset) return ResetLocked(ResetKind.Function);
        bool wasDecoding = DecodesMemory;
        SysResult result = SysResult.Ok;
        if (write.NewPowerState is { } state) result = Kernel.PciFunctions.SetPowerState(Tsm, (uint)state);
        if (result.IsOk && write.Disabled is { } command) result = Kernel.PciFunctions.Disable(Tsm, (ushort)command);
        if (!result.IsOk) return result;
        Function.WriteConfig(offset, size, value);
        if (wasDecoding && !DecodesMemory) return Revoke();
        if (!wasDecoding && DecodesMemory) Restore();
        return SysResult.Ok;
    }

    /// <summary>Lets go of the function because it leaves the bus: unbinds it, and takes its BARs from everybody for good. The caller holds the group lock.</summary>
    public SysResult Leave()
    {
        SysResult unbound = Unbind();
        if (!unbound.IsOk) return unbound;
        using LockHold memory = _memoryLock.Acquire();
        SysResult drained = Revoke();
        foreach (VfioDmaBuffer buffer in Buffers) buffer.IsDead = true;
        IsGone = true;
        return drained;
    }

    /// <summary>Its user has closed it: it's unbound, its buffers are dead, and it's reset.</summary>
    public void Close()
    {
        using LockHold memory = _memoryLock.Acquire();
        Revoke();
        foreach (VfioDmaBuffer buffer in Buffers) buffer.IsDead = true;
        if (!IsBound && !IsGone) Kernel.PciFunctions.Reset(Tsm, ResetKind.Function);
        User = null;
    }

    private void SetWithheld(bool value)
    {
        using LockHold memory = _memoryLock.Acquire();
        _isWithheld = value;
    }

    private SysResult ResetLocked(ResetKind kind)
    {
        if (IsGone) return Errno.ENODEV;
        if (IsBound) return Errno.EBUSY;
        SysResult drained = Revoke();
        SysResult reset = Kernel.PciFunctions.Reset(Tsm, kind);
        if (!reset.IsOk) return reset;
        Enable();
        if (!drained.IsOk) return drained;
        Restore();
        return SysResult.Ok;
    }

    private SysResult Revoke()
    {
        SysResult result = SysResult.Ok;
        foreach (VfioDmaBuffer buffer in Buffers.Where(b => !b.IsRevoked || IsMapped(b)).ToArray())
        {
            buffer.IsRevoked = true;
            foreach (TeeIo.Vfio.DmaBufferImporter importer in buffer.Importers.ToArray())
            {
                if (importer is IommufdDmaBufImporter iommufd) iommufd.IsDead = true;
                else if (!Kernel.Importer.MoveNotify(buffer, importer).IsOk) result = Errno.EIO;
            }
        }

        return result;
    }

    private static bool IsMapped(VfioDmaBuffer buffer) => buffer.Importers.OfType<KvmDmaBufAttachment>().Any(a => a.IsMapped);

    private void Restore()
    {
        if (_isRevokedByUnbind || !DecodesMemory) return;
        foreach (VfioDmaBuffer buffer in Buffers.Where(b => !b.IsDead)) buffer.IsRevoked = false;
    }
}
