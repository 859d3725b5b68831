using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Scheduling;
using TeeIo.Tsm;

namespace TeeIo.Tdx.Host;

/// <summary>New keys for a stream in use: TDH.IDE.STREAM.KM with its refresh operation.</summary>
/// <param name="host">The driver that has the streams.</param>
/// <param name="seam">The way into the module.</param>
[TsmDriver]
public sealed partial class TdxHostKeys(TdxHostTsm host, TdxSeam seam) : HostKeysDriver
{
    /// <inheritdoc/>
    protected override SysResult RefreshKeys(RefreshKeysContext context)
    {
        if (host.ConnectionOf(context.Function) is not { } connection) return Errno.ENXIO;
        using LockHold hold = seam.ExtensionLock.Acquire();
        return connection.RefreshKeys();
    }
}
