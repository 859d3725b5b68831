namespace TeeIo.Pci.IdeKm;

/// <summary>The root port's end of its IDE streams, which only trusted firmware programs.</summary>
public interface IRootPortStreams
{
    /// <summary>Takes a free stream register block for requester ids from <paramref name="firstRid"/> to <paramref name="lastRid"/>.</summary>
    /// <param name="streamId">Id of the stream on the link.</param>
    /// <param name="firstRid">The first requester id behind the stream.</param>
    /// <param name="lastRid">The last one.</param>
    /// <param name="index">Which register block it is.</param>
    /// <returns>False where none is free, or the id is in use.</returns>
    bool TryOpen(byte streamId, ushort firstRid, ushort lastRid, out byte index);

    /// <summary>Puts a key into the port's key slot. A stream that isn't open takes none.</summary>
    /// <param name="streamId">The stream.</param>
    /// <param name="keySet">The key set, 0 or 1.</param>
    /// <param name="direction">The direction as the port sees it.</param>
    /// <param name="subStream">The sub-stream.</param>
    /// <param name="key">The key.</param>
    void Program(byte streamId, byte keySet, IdeDirection direction, IdeSubStream subStream, ReadOnlySpan<byte> key);

    /// <summary>Starts to use a key set, instead of the other one.</summary>
    void Enable(byte streamId, byte keySet);

    /// <summary>Stops the stream: nothing of it passes any more.</summary>
    void Block(byte streamId);

    /// <summary>Clears the stream's registers and keys, and frees them.</summary>
    void Close(byte streamId);
}
