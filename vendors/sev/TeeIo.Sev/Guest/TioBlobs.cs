namespace TeeIo.Sev.Guest;

/// <summary>A table of blobs and the blobs behind it, as the host lays them out in a data buffer.</summary>
/// <param name="bytes">A private copy of the buffer.</param>
public readonly struct TioBlobs(ReadOnlyMemory<byte> bytes)
{
    /// <summary>The blob with a GUID; empty where there is none, or where its entry leads out of the buffer.</summary>
    /// <param name="guidLow">The GUID's first half.</param>
    /// <param name="guidHigh">Its second half.</param>
    public ReadOnlyMemory<byte> Find(ulong guidLow, ulong guidHigh)
    {
        ReadOnlyMemory<byte> rest = bytes;
        for (int i = 0; i < TioGuestConstants.Blobs && TioBlobTableEntry.TryRead(rest.Span, out TioBlobTableEntry entry); i++, rest = rest[TioBlobTableEntry.ByteSize..])
        {
            if (entry is { GuidLow: 0, GuidHigh: 0 }) break;
            if (entry.GuidLow != guidLow || entry.GuidHigh != guidHigh) continue;
            bool isInside = entry.Offset <= (uint)bytes.Length && entry.Length <= (uint)bytes.Length - entry.Offset;
            return isInside ? bytes.Slice((int)entry.Offset, (int)entry.Length) : default;
        }

        return default;
    }

    /// <summary>Lays blobs out behind a table that a null GUID ends.</summary>
    /// <param name="blobs">GUID and content of each, at most as many as a buffer takes.</param>
    /// <param name="destination">Where they go.</param>
    /// <returns>Bytes written, or needed where <paramref name="destination"/> is too small for them.</returns>
    /// <exception cref="ArgumentException">There are more blobs than a buffer takes.</exception>
    public static int Write(ReadOnlySpan<(ulong GuidLow, ulong GuidHigh, ReadOnlyMemory<byte> Content)> blobs, Span<byte> destination)
    {
        if (blobs.Length > TioGuestConstants.Blobs) throw new ArgumentException($"A data buffer takes {TioGuestConstants.Blobs} blobs; there are {blobs.Length}.", nameof(blobs));
        int table = (blobs.Length + 1) * TioBlobTableEntry.ByteSize;
        int needed = table;
        foreach ((ulong _, ulong _, ReadOnlyMemory<byte> content) in blobs) needed += content.Length;
        if (needed > destination.Length) return needed;
        int at = table;
        for (int i = 0; i < blobs.Length; i++)
        {
            new TioBlobTableEntry { GuidLow = blobs[i].GuidLow, GuidHigh = blobs[i].GuidHigh, Offset = (uint)at, Length = (uint)blobs[i].Content.Length }
                .Write(destination[(i * TioBlobTableEntry.ByteSize)..]);
            blobs[i].Content.Span.CopyTo(destination[at..]);
            at += blobs[i].Content.Length;
        }

        destination.Slice(blobs.Length * TioBlobTableEntry.ByteSize, TioBlobTableEntry.ByteSize).Clear();
        return at;
    }
}
