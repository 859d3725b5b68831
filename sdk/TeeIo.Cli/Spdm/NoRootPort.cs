using TeeIo.Pci.IdeKm;

namespace TeeIo.Cli.Spdm;

/// <summary>The end of an IDE stream that a socket doesn't have.</summary>
internal sealed class NoRootPort : IRootPortStreams
{
    public bool TryOpen(byte streamId, ushort firstRid, ushort lastRid, out byte index)
    {
        index = 0;
        return true;
    }

    public void Program(byte streamId, byte keySet, IdeDirection direction, IdeSubStream subStream, ReadOnlySpan<byte> key)
    {
    }

    public void Enable(byte streamId, byte keySet)
    {
    }

    public void Block(byte streamId)
    {
    }

    public void Close(byte streamId)
    {
    }
}
