using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Linux;
using TeeIo.Scheduling;
using TeeIo.Tsm.Evidence;

namespace TeeIo.Tsm;

/// <summary>The PCI/TSM core: keeps a vendor's link operations in order, one at a time for each DSM, under the locks that their contracts name. Its errors are those of the
/// kernel's own core.</summary>
/// <remarks>Source: Linux 7.3 drivers/pci/tsm.c.</remarks>
public sealed partial class PciTsmCore : ITsmCore
{
    private readonly HostTsmBoundary _driver;
    private readonly ITdiServices _services;
    private readonly HostEvidenceBoundary? _evidence;
    private readonly HostKeysBoundary? _keys;
    private readonly CrossingHub _hub;
    private readonly LockOrder _locks;
    private readonly OrderedLock _rwsem;
    private readonly Dictionary<TsmFunction, OrderedLock> _dsmLocks = [];
    private readonly List<TsmFunction> _functions = [];
    private readonly Dictionary<TsmFunction, int> _epochs = [];

    /// <summary>A core with one registered TSM.</summary>
    /// <param name="driver">The vendor's link operations.</param>
    /// <param name="services">What the upper levels do for the driver while it unbinds.</param>
    /// <param name="locks">The lock order.</param>
    /// <param name="hub">Where the boundaries report.</param>
    /// <param name="evidence">The evidence that the vendor's driver keeps, or null.</param>
    /// <param name="keys">What the vendor's driver does for the keys of IDE streams, or null.</param>
    public PciTsmCore(IHostTsm driver, ITdiServices services, LockOrder locks, CrossingHub hub, IHostEvidence? evidence = null, IHostKeys? keys = null)
    {
        _driver = new HostTsmBoundary(driver, hub, locks);
        _services = new TdiServicesBoundary(services, hub, locks);
        _evidence = evidence is null ? null : new HostEvidenceBoundary(evidence, hub, locks);
        _keys = keys is null ? null : new HostKeysBoundary(keys, hub, locks);
        (_hub, _locks) = (hub, locks);
        _rwsem = new OrderedLock(locks, TsmOpsLocks.PciTsm);
    }

    /// <summary>The functions that the core knows, in the order in which they were added.</summary>
    public IReadOnlyList<TsmFunction> Functions => _functions;

    /// <summary>Adds a function: at boot, by hot-plug, or a VF when SR-IOV is switched on. Below a connected DSM it is probed at once.</summary>
    public SysResult Add(TsmFunction function)
    {
        ArgumentNullException.ThrowIfNull(function);
        using LockHold rwsem = _rwsem.Acquire();
        if (_functions.Contains(function)) return Errno.EEXIST;
        _functions.Add(function);
        if (function.IsDsm) _dsmLocks.Add(function, new OrderedLock(_locks, TsmOpsLocks.Dsm, function.ToString()));
        if (function.Dsm.IsConnected) function.IsProbed = _driver.Probe(function).IsOk;
        return SysResult.Ok;
    }

    /// <summary>Takes a function away: hot-unplug, or SR-IOV switched off. It is unbound first; a DSM is disconnected first.</summary>
    /// <returns>ENODEV where it isn't known; else the failure of a teardown, and the function stays.</returns>
    public SysResult Remove(TsmFunction function)
    {
        ArgumentNullException.ThrowIfNull(function);
        using LockHold rwsem = _rwsem.Acquire();
        if (!_functions.Contains(function)) return Errno.ENODEV;
        if (DsmLock(function.Dsm) is { } dsm)
        {
            using LockHold hold = dsm.Acquire();
            SysResult result = function.IsDsm ? DisconnectLocked(function) : UnbindLocked(function);
            if (!result.IsOk) return result;
            RemoveLocked(function);
        }

        _functions.Remove(function);
        if (function.IsDsm) _dsmLocks.Remove(function);
        return SysResult.Ok;
    }

    /// <summary>The admin's write to a function's <c>tsm/connect</c>: session and IDE stream, then every function below the DSM is probed.</summary>
    /// <returns>ENXIO where the function has no DSM, no driver is registered or it declines the function; EBUSY where it is connected; else the driver's answer.</returns>
    public SysResult Connect(TsmFunction function)
    {
        ArgumentNullException.ThrowIfNull(function);
        using LockHold rwsem = _rwsem.Acquire();
        if (!IsRegistered || !function.IsDsm || DsmLock(function) is not { } dsm) return Errno.ENXIO;
        if (function.IsConnected) return Errno.EBUSY;
        using LockHold hold = dsm.Acquire();
        if (_driver.Probe(function) is { IsOk: false }) return Errno.ENXIO;
        function.IsProbed = true;
        if (_driver.Connect(function) is { IsOk: false } failure)
        {
            RemoveLocked(function);
            return failure;
        }

        function.IsConnected = true;
        foreach (TsmFunction below in Below(function)) below.IsProbed = _driver.Probe(below).IsOk;
        return SysResult.Ok;
    }

    /// <summary>The admin's write to <c>tsm/disconnect</c>: unbinds every TDI of the DSM, of whichever VM, then ends stream and session.</summary>
    /// <returns>ENXIO where the function isn't connected. EBUSY where a TDI could not be unbound: the others are, and the device stays connected, since that TDI still needs its stream.
    /// Else the driver's answer; where that is a failure the device counts as connected, and disconnecting can be tried again.</returns>
    public SysResult Disconnect(TsmFunction function)
    {
        ArgumentNullException.ThrowIfNull(function);
        using LockHold rwsem = _rwsem.Acquire();
        if (!function.IsConnected || DsmLock(function) is not { } dsm) return Errno.ENXIO;
        using LockHold hold = dsm.Acquire();
        return DisconnectLocked(function);
    }

    /// <inheritdoc/>
    public SysResult TsmBind(TsmFunction function, ConfidentialVm vm, uint tdiId)
    {
        ArgumentNullException.ThrowIfNull(function);
        ArgumentNullException.ThrowIfNull(vm);
        using LockHold rwsem = _rwsem.AcquireShared();
        if (!function.Dsm.IsConnected || !function.IsProbed || DsmLock(function.Dsm) is not { } dsm) return Errno.EINVAL;
        using LockHold hold = dsm.Acquire();
        if (function.IsQuarantined) return Errno.EBUSY;
        if (function.Tdi is { } bound) return ReferenceEquals(bound.Vm, vm) ? SysResult.Ok : Errno.EBUSY;
        int epoch = _epochs.GetValueOrDefault(function) + 1;
        _epochs[function] = epoch;
        var tdi = new Tdi(function, vm, tdiId, epoch) { Subject = _hub.Capture().Subject };
        SysResult result = _driver.Bind(tdi);
        if (result.IsOk) function.Tdi = tdi;
        return result.IsOk ? SysResult.Ok : result;
    }

    /// <inheritdoc/>
    public SysResult TsmUnbind(TsmFunction function)
    {
        ArgumentNullException.ThrowIfNull(function);
        using LockHold rwsem = _rwsem.AcquireShared();
        if (DsmLock(function.Dsm) is not { } dsm) return SysResult.Ok;
        using LockHold hold = dsm.Acquire();
        return UnbindLocked(function);
    }

    /// <inheritdoc/>
    public SysResult TsmGuestReq(TsmFunction function, uint selector, ReadOnlySpan<byte> request, Span<byte> response, out ulong tsmCode)
    {
        ArgumentNullException.ThrowIfNull(function);
        tsmCode = 0;
        using LockHold rwsem = _rwsem.AcquireShared();
        if (DsmLock(function.Dsm) is not { } dsm) return Errno.ENXIO;
        using LockHold hold = dsm.Acquire();
        return function is { Tdi: { } tdi, IsQuarantined: false } ? _driver.GuestReq(tdi, selector, request, response, out tsmCode) : Errno.ENXIO;
    }

    /// <summary>Unbinds every TDI of the DSM, lets go of what is below it, and ends stream and session.</summary>
    private SysResult DisconnectLocked(TsmFunction function)
    {
        if (!function.IsConnected) return SysResult.Ok;
        SysResult result = UnbindLocked(function);
        foreach (TsmFunction below in Below(function).Reverse())
        {
            SysResult unbound = UnbindLocked(below);
            if (result.IsOk) result = unbound;
            if (unbound.IsOk) RemoveLocked(below);
        }

        if (result.IsOk) result = _driver.Disconnect(function);
        if (!result.IsOk) return result;
        function.IsConnected = false;
        RemoveLocked(function);
        return SysResult.Ok;
    }

    private OrderedLock? DsmLock(TsmFunction dsm) => _dsmLocks.GetValueOrDefault(dsm);

    private IEnumerable<TsmFunction> Below(TsmFunction dsm) => _functions.Where(f => !f.IsDsm && ReferenceEquals(f.Dsm, dsm));

    /// <summary>Unbinds, in whosever name. Where that fails the function stays bound and out of use, since firmware may still own it, until another try succeeds.</summary>
    private SysResult UnbindLocked(TsmFunction function)
    {
        if (function.Tdi is not { } tdi) return SysResult.Ok;
        using ContextScope about = tdi.Subject is { } subject ? _hub.About(subject) : default;
        function.IsQuarantined = !_driver.Unbind(tdi, _services).IsOk;
        if (function.IsQuarantined) return Errno.EBUSY;
        function.Tdi = null;
        return SysResult.Ok;
    }

    private void RemoveLocked(TsmFunction function)
    {
        if (!function.IsProbed) return;
        _driver.Remove(function);
        function.IsProbed = false;
    }
}
