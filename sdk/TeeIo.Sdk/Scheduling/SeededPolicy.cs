namespace TeeIo.Scheduling;

/// <summary>Chooses by a seeded generator: the same seed, the same choices.</summary>
public sealed class SeededPolicy : ISchedulingPolicy
{
    private ulong _random;

    /// <summary>A policy whose choices follow from <paramref name="seed"/>.</summary>
    public SeededPolicy(int seed) => _random = unchecked((ulong)seed * 0x9E3779B97F4A7C15UL) + 1;

    /// <inheritdoc/>
    public int Choose(SchedulingPoint point)
    {
        _random ^= _random << 13;
        _random ^= _random >> 7;
        _random ^= _random << 17;
        return (int)(_random % (ulong)point.Ready.Count);
    }
}
