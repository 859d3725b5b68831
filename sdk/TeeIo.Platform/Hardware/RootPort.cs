using TeeIo.Pci.IdeKm;

namespace TeeIo.Platform.Hardware;

/// <summary>A root port: the host's end of the IDE streams to the device below it. Firmware programs it. A TLP with the T bit passes only on a stream whose ends agree on keys.</summary>
/// <param name="streamCount">How many selective streams it has.</param>
public sealed class RootPort(int streamCount) : IRootPortStreams
{
    private readonly Stream?[] _streams = new Stream?[streamCount];

    /// <inheritdoc/>
    public bool TryOpen(byte streamId, ushort firstRid, ushort lastRid, out byte index)
    {
        int free = Array.IndexOf(_streams, null);
        index = (byte)Math.Max(free, 0);
        if (free < 0 || firstRid > lastRid || Find(streamId) is not null) return false;
        _streams[free] = new Stream(new IdeStream(streamId), firstRid, lastRid);
        return true;
    }

    /// <inheritdoc/>
    public void Program(byte streamId, byte keySet, IdeDirection direction, IdeSubStream subStream, ReadOnlySpan<byte> key) =>
        Find(streamId)?.End.Program(new IdeKeySlot(keySet, direction, subStream), key);

    /// <inheritdoc/>
    public void Enable(byte streamId, byte keySet)
    {
        if (Find(streamId) is not { } stream) return;
        foreach (IdeKeySlot slot in IdeKeySlot.OfKeySet(keySet)) stream.End.Start(slot);
        foreach (IdeKeySlot slot in IdeKeySlot.OfKeySet((byte)(keySet ^ 1))) stream.End.Stop(slot);
    }

    /// <inheritdoc/>
    public void Block(byte streamId) => Find(streamId)?.End.Block();

    /// <inheritdoc/>
    public void Close(byte streamId)
    {
        int index = Array.FindIndex(_streams, s => s?.End.Id == streamId);
        if (index >= 0) _streams[index] = null;
    }

    /// <summary>Whether a stream is open.</summary>
    public bool IsOpen(byte streamId) => Find(streamId) is not null;

    /// <summary>Whether a TLP with the T bit passes between the port and a function below it.</summary>
    /// <param name="rid">The function.</param>
    /// <param name="device">The device's end of the stream.</param>
    public bool PassesTrusted(ushort rid, IdeStream device) =>
        Find(device.Id) is { } stream && rid >= stream.FirstRid && rid <= stream.LastRid && stream.End.Passes(device);

    private Stream? Find(byte streamId) => Array.Find(_streams, s => s?.End.Id == streamId);

    private sealed record Stream(IdeStream End, ushort FirstRid, ushort LastRid);
}
