using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Scheduling;

namespace TeeIo.Tsm;

/// <content>The vendor's driver comes and goes, as a module of the kernel does.</content>
public sealed partial class PciTsmCore
{
    /// <summary>Whether the vendor's driver is there; it is from the start.</summary>
    public bool IsRegistered { get; private set; } = true;

    /// <summary>The vendor's driver leaves: every DSM is disconnected, with its TDIs unbound first, and nothing can be connected until <see cref="Register"/>.</summary>
    /// <returns>ENXIO where it has left before; else the first failure of a teardown, which is carried on with all the same.</returns>
    /// <remarks>Source: Linux 7.3 drivers/pci/tsm.c, pci_tsm_unregister.</remarks>
    public SysResult Unregister()
    {
        using LockHold rwsem = _rwsem.Acquire();
        if (!IsRegistered) return Errno.ENXIO;
        IsRegistered = false;
        SysResult result = SysResult.Ok;
        foreach (TsmFunction function in _functions.Where(f => f.IsDsm).ToArray())
        {
            using LockHold dsm = _dsmLocks[function].Acquire();
            SysResult disconnected = DisconnectLocked(function);
            if (result.IsOk) result = disconnected;
        }

        return result;
    }

    /// <summary>The vendor's driver comes back. Functions must be connected anew.</summary>
    /// <returns>EBUSY where it is there.</returns>
    public SysResult Register()
    {
        using LockHold rwsem = _rwsem.Acquire();
        if (IsRegistered) return Errno.EBUSY;
        IsRegistered = true;
        return SysResult.Ok;
    }
}
