using TeeIo.Pci.IdeKm;
using TeeIo.Platform.Hardware;
using TeeIo.Tdx.Module.Devices;

namespace TeeIo.Tdx.Module.Platform;

/// <summary>The platform's root port as the module programs it.</summary>
internal sealed class RootPortStreams(RootPort port) : IRootPortStreams
{
    public bool TryOpen(byte streamId, ushort firstRid, ushort lastRid, out byte index) => port.TryOpen(streamId, firstRid, lastRid, out index);

    public void Program(byte streamId, byte keySet, IdeDirection direction, IdeSubStream subStream, ReadOnlySpan<byte> key) =>
        port.Program(streamId, keySet, direction, subStream, key);

    public void Enable(byte streamId, byte keySet) => port.Enable(streamId, keySet);

    public void Block(byte streamId) => port.Block(streamId);

    public void Close(byte streamId) => port.Close(streamId);
}
