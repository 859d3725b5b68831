using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Pci;
using TeeIo.Tsm;

namespace TeeIo.Platform.Hardware;

/// <summary>The platform's IDE registers, for a host that sets streams up itself. The device's port takes any stream that it is sent keys for, so it has nothing to set up; and an end is on
/// as soon as a key set is.</summary>
/// <param name="port">The root port.</param>
public sealed class MachineIdeStreams(RootPort port) : IIdeStreams
{
    /// <inheritdoc/>
    public SysResult Open(PciAddress function, byte streamId, ushort firstRid, ushort lastRid)
    {
        if (port.IsOpen(streamId)) return Errno.EBUSY;
        return port.TryOpen(streamId, firstRid, lastRid, out _) ? SysResult.Ok : Errno.ENOSPC;
    }

    /// <inheritdoc/>
    public SysResult Enable(PciAddress function, byte streamId) => port.IsOpen(streamId) ? SysResult.Ok : Errno.EIO;

    /// <inheritdoc/>
    public void Close(PciAddress function, byte streamId) => port.Close(streamId);
}
