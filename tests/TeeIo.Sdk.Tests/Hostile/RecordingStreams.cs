using TeeIo.Pci.IdeKm;

namespace TeeIo.Sdk.Tests.Hostile;

/// <summary>The root port's end of IDE streams: counts how often a key set was switched to.</summary>
internal sealed class RecordingStreams : IRootPortStreams
{
    public int Enabled { get; private set; }

    public bool TryOpen(byte streamId, ushort firstRid, ushort lastRid, out byte index)
    {
        index = 0;
        return true;
    }

    public void Program(byte streamId, byte keySet, IdeDirection direction, IdeSubStream subStream, ReadOnlySpan<byte> key)
    {
    }

    public void Enable(byte streamId, byte keySet) => Enabled++;

    public void Block(byte streamId)
    {
    }

    public void Close(byte streamId)
    {
    }
}
