using TeeIo.Spdm.Tests.Ends;

namespace TeeIo.Spdm.Tests.Hostile;

/// <summary>How many cases run: all of them with TEEIO_HOSTILE=all, else so few that a run takes some seconds.</summary>
internal static class HostileExtent
{
    private const int BitsPerByte = 8;

    /// <summary>Each so many-th field, pair or byte of a sample; what they are of has no such divisor.</summary>
    private const int Fields = 3, Steps = 5, Pairs = 37, Bytes = 131;

    /// <summary>Whether all were asked for.</summary>
    public static bool IsAll { get; } = Environment.GetEnvironmentVariable("TEEIO_HOSTILE") == "all";

    /// <summary>The lanes that run: all, or the one that TEEIO_HOSTILE_LANE names.</summary>
    public static IReadOnlyList<Lane> Lanes { get; } = Environment.GetEnvironmentVariable("TEEIO_HOSTILE_LANE") is { Length: > 0 } name ? [Lane.Of(name)] : Lane.All;

    /// <summary>Whether a step's dear cases run.</summary>
    public static bool HasStep(int step) => IsAll || step % Steps == 0;

    /// <summary>Whether a pair of steps runs.</summary>
    public static bool HasPair(int number) => IsAll || number % Pairs == 0;

    /// <summary>The bits of a step's packet that are flipped: all, or one of each third field.</summary>
    public static IEnumerable<int> Bits(int step, IReadOnlyList<Field> fields)
    {
        int start = 0;
        foreach ((int number, Field field) in fields.Index())
        {
            int end = start + (field.Size * BitsPerByte);
            if (IsAll)
            {
                for (int bit = start; bit < end; bit++) yield return bit;
            }
            else if (end > start && (number + step) % Fields == 0)
            {
                yield return start + (((number * Pairs) + (step * BitsPerByte) + step) % (end - start));
            }

            start = end;
        }
    }

    /// <summary>The lengths that a step's packet is cut to.</summary>
    public static IEnumerable<int> Cuts(int step, int length, int unit)
    {
        for (int at = IsAll ? 0 : step * unit; at < length; at += IsAll ? unit : Bytes * unit) yield return at;
    }
}
