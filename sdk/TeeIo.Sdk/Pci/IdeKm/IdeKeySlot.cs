namespace TeeIo.Pci.IdeKm;

/// <summary>Which key of a stream.</summary>
/// <param name="KeySet">The key set, 0 or 1.</param>
/// <param name="Direction">The direction, as the port sees it that holds the key.</param>
/// <param name="SubStream">The sub-stream.</param>
public readonly record struct IdeKeySlot(byte KeySet, IdeDirection Direction, IdeSubStream SubStream)
{
    /// <summary>The same key at the other end of the link.</summary>
    public IdeKeySlot Opposite => this with { Direction = Direction == IdeDirection.Rx ? IdeDirection.Tx : IdeDirection.Rx };

    /// <summary>All slots of a key set, receivers first: the order in which they are started.</summary>
    public static IEnumerable<IdeKeySlot> OfKeySet(byte keySet)
    {
        foreach (IdeDirection direction in new[] { IdeDirection.Rx, IdeDirection.Tx })
        {
            foreach (IdeSubStream subStream in new[] { IdeSubStream.Pr, IdeSubStream.Npr, IdeSubStream.Cpl })
                yield return new IdeKeySlot(keySet, direction, subStream);
        }
    }
}
