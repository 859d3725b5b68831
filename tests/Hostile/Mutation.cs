namespace TeeIo.Hostile;

/// <summary>What one mutation does is decided by its seed and its number alone: the same two give the same changes.</summary>
/// <param name="seed">The run's seed.</param>
/// <param name="index">Its number in the run.</param>
internal sealed class Mutation(int seed, int index)
{
    private static readonly ulong[] s_borders = [0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0x1000, 0xFFF, long.MaxValue, 1UL << 63, ulong.MaxValue];
    private ulong _state = ((ulong)(uint)seed << 32) | (uint)index;

    /// <summary>Its number in the run.</summary>
    public int Index { get; } = index;

    /// <summary>A number from 0 on, below <paramref name="end"/>.</summary>
    public int Below(int end) => (int)(Next() % (uint)Math.Max(end, 1));

    /// <summary>True in one of <paramref name="of"/> cases.</summary>
    public bool Once(int of) => Below(of) == 0;

    /// <summary>A number of any size; often one at a border.</summary>
    public ulong Number() => Once(2) ? s_borders[Below(s_borders.Length)] : Next() >> Below(64);

    /// <summary>A value that is another than <paramref name="value"/> most of the time: a bit flipped, moved a little, or any number.</summary>
    public ulong Change(ulong value) => Below(4) switch
    {
        0 => value ^ (1UL << Below(64)),
        1 => value + (ulong)Below(4097),
        2 => value - (ulong)Below(4097),
        _ => Number(),
    };

    /// <summary>A changed copy of a message: bits, bytes and words, its length, pieces moved, or another message in its place.</summary>
    /// <param name="message">The message.</param>
    /// <param name="others">Messages that were sent before.</param>
    public byte[] Change(ReadOnlySpan<byte> message, IReadOnlyList<byte[]> others)
    {
        byte[] changed = message.ToArray();
        for (int i = 1 + Below(3); i > 0; i--) changed = ChangeOnce(changed, others);
        return changed;
    }

    /// <summary>Changes bytes in place, as one does who shares memory.</summary>
    public void Scribble(Span<byte> memory)
    {
        for (int i = 1 + Below(3); i > 0 && !memory.IsEmpty; i--) ScribbleOnce(memory);
    }

    private byte[] ChangeOnce(byte[] message, IReadOnlyList<byte[]> others)
    {
        switch (Below(8))
        {
            case 0 when message.Length > 0: return message[..Below(message.Length)];
            case 1: return [.. message, .. Enumerable.Range(0, 1 + Below(64)).Select(_ => (byte)Next())];
            case 2 when others.Count > 0: return [.. others[Below(others.Count)]];
            case 3 when others.Count > 0:
                byte[] other = others[Below(others.Count)];
                int cut = Below(Math.Min(message.Length, other.Length) + 1);
                return [.. message[..cut], .. other[cut..]];
            default:
                if (message.Length > 0) ScribbleOnce(message);
                return message;
        }
    }

    private void ScribbleOnce(Span<byte> memory)
    {
        // Headers are at the start, so half of the changes are there.
        int at = Below(Once(2) ? Math.Min(memory.Length, 64) : memory.Length);
        switch (Below(4))
        {
            case 0: memory[at] = (byte)Next(); break;
            case 1: memory[at..].Slice(0, Math.Min(memory.Length - at, 1 + Below(16))).Fill(Once(2) ? (byte)0 : (byte)0xFF); break;
            case 2 when memory.Length - at >= sizeof(ulong): BitConverter.TryWriteBytes(memory[at..], Number()); break;
            default: memory[at] ^= (byte)(1 << Below(8)); break;
        }
    }

    /// <summary>SplitMix64.</summary>
    private ulong Next()
    {
        _state += 0x9E37_79B9_7F4A_7C15;
        ulong z = _state;
        z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
        z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
        return z ^ (z >> 31);
    }
}
