using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Scheduling;

namespace TeeIo.Tsm;

/// <content>New keys for a stream that is in use.</content>
public sealed partial class PciTsmCore
{
    /// <summary>New keys are due for a function's IDE stream. TDIs run on; requests of guests wait meanwhile.</summary>
    /// <param name="function">The physical function with the DSM.</param>
    /// <returns>ENXIO where it isn't connected; EOPNOTSUPP where the driver has no such operation; else the driver's answer.</returns>
    public SysResult RefreshKeys(TsmFunction function)
    {
        ArgumentNullException.ThrowIfNull(function);
        using LockHold rwsem = _rwsem.AcquireShared();
        if (!function.IsConnected || DsmLock(function) is not { } dsm) return Errno.ENXIO;
        if (_keys is not { } keys) return Errno.EOPNOTSUPP;
        using LockHold hold = dsm.Acquire();
        return keys.RefreshKeys(function);
    }
}
