using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Tsm;

namespace TeeIo.Sev.Host;

/// <summary>New keys for a stream in use: TIO_ROLL_KEY.</summary>
/// <param name="host">The driver that has the streams.</param>
[TsmDriver]
public sealed partial class SevHostKeys(SevHostTsm host) : HostKeysDriver
{
    /// <inheritdoc/>
    protected override SysResult RefreshKeys(RefreshKeysContext context) =>
        host.ConnectionOf(context.Function) is { } connection ? connection.RollKeys() : Errno.ENXIO;
}
