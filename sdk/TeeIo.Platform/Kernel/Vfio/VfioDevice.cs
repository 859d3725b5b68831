using TeeIo.Boundaries;
using TeeIo.Linux;
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

    public bool DecodesMemory => ((ConfigCommand)Function.ReadConfig((int)ConfigRegister.Command, sizeof(ushort)) & ConfigCommand.Memory) != 0;

    /// <summary>Whether a page of a BAR has no host, user or shared mapping now.</summary>
    public bool IsWithheld(int bar, ulong offset) => _isWithheld && Function.IsTeePage(bar, offset / PhysicalMemory.PageSize * PhysicalMemory.PageSize);

    /// <summary>Switches memory decoding on and bus mastering off, as for a new user.</summary>
    public void Enable()
    {
        var command = (ConfigCommand)Function.ReadConfig((int)ConfigRegister.Command, sizeof(ushort));
        Function.WriteConfig((int)ConfigRegister.Command, sizeof(ushort), (uint)((command | ConfigCommand.Memory) & ~ConfigCommand.Master));
    }

    /// <summary>Binds the function to a VM: its TEE ranges leave the host, its trusted tables are prepared, and the TSM locks it. The caller holds the group lock.</summary>
    public SysResult Bind(Vdevice vdevice, KvmVm vm)
    {
        SetWithheld(true);
        SysResult result = Kernel.TrustedIommu.SetUp(Tsm, vm.Identity);
        if (result.IsOk)
        {
            _trustedDmaOf = vm;
            result = Kernel.Tsm.TsmBind(Tsm, vm.Identity, (uint)vdevice.VirtualId);
        }

        if (result.IsOk) return result;
        if (!Tsm.IsQuarantined && !IsBound)
        {
            TearDownTrustedDma();
            SetWithheld(false);
        }

        return result;
    }

    /// <summary>Unbinds the function, if it's bound. What the vendor's driver did not ask for during its own unbind is done after it. The caller holds the group lock.</summary>
    public SysResult Unbind()
    {
        if (!IsBound) return SysResult.Ok;
        SysResult result = Kernel.Tsm.TsmUnbind(Tsm);
        if (!result.IsOk || Tsm.IsQuarantined) return result;
        TearDownTrustedDma();
        Recover();
        return result;
    }

    /// <summary>Takes every private mapping of the BARs away: revokes the dma-bufs and drains their importers.</summary>
    public SysResult RevokePrivate()
    {
        using LockHold memory = _memoryLock.Acquire();
        _isRevokedByUnbind = true;
        return Revoke();
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

    /// <summary>Resets the function with its BARs out of everybody's reach. Not while it's bound.</summary>
    public SysResult Reset()
    {
        using LockHold memory = _memoryLock.Acquire();
        if (IsBound) return Errno.EBUSY;
        SysResult drained = Revoke();
        Function.Reset();
        Enable();
        if (!drained.IsOk) return drained;
        Restore();
        return SysResult.Ok;
    }

    /// <summary>Writes configuration space. While the function is bound, what would stop its memory decoding or bus mastering is refused.</summary>
    public SysResult WriteConfig(int offset, int size, uint value)
    {
        using LockHold memory = _memoryLock.Acquire();
        bool wasDecoding = DecodesMemory;
        if (IsBound && ClearsTrust(offset, size, value)) return Errno.EBUSY;
        Function.WriteConfig(offset, size, value);
        if (wasDecoding && !DecodesMemory) return Revoke();
        if (!wasDecoding && DecodesMemory) Restore();
        return SysResult.Ok;
    }

    /// <summary>Its user has closed it: it's unbound, its buffers are dead, and it's reset.</summary>
    public void Close()
    {
        using LockHold memory = _memoryLock.Acquire();
        Revoke();
        foreach (VfioDmaBuffer buffer in Buffers) buffer.IsDead = true;
        if (!Tsm.IsQuarantined) Function.Reset();
        User = null;
    }

    private void SetWithheld(bool value)
    {
        using LockHold memory = _memoryLock.Acquire();
        _isWithheld = value;
    }

    private bool ClearsTrust(int offset, int size, uint value)
    {
        const int Register = (int)ConfigRegister.Command;
        if (offset > Register || offset + size <= Register) return false;
        const ConfigCommand Needed = ConfigCommand.Memory | ConfigCommand.Master;
        var before = (ConfigCommand)Function.ReadConfig(Register, sizeof(ushort));
        var after = (ConfigCommand)(value >> (8 * (Register - offset)));
        return (before & Needed & ~after) != 0;
    }

    private SysResult Revoke()
    {
        SysResult result = SysResult.Ok;
        foreach (VfioDmaBuffer buffer in Buffers.Where(b => !b.IsRevoked).ToArray())
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

    private void Restore()
    {
        if (_isRevokedByUnbind || !DecodesMemory) return;
        foreach (VfioDmaBuffer buffer in Buffers.Where(b => !b.IsDead)) buffer.IsRevoked = false;
    }
}
