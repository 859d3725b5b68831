using System.Diagnostics;

namespace TeeIo.Benchmarks;

/// <summary>What rounds of one thing took.</summary>
/// <param name="Minimum">Milliseconds of the fastest round.</param>
/// <param name="Median">Milliseconds of the round in the middle.</param>
/// <param name="Slow">Milliseconds that nine of ten rounds stayed below.</param>
/// <param name="Allocated">Bytes that the round in the middle allocated on the thread that ran it.</param>
internal sealed record Sample(double Minimum, double Median, double Slow, long Allocated)
{
    /// <summary>Measures <paramref name="rounds"/> rounds after a fifth as many that aren't counted.</summary>
    /// <param name="rounds">How many.</param>
    /// <param name="prepare">What isn't part of the measure: it gets the round's number and gives what the round works on.</param>
    /// <param name="run">What is measured.</param>
    public static Sample Of<T>(int rounds, Func<int, T> prepare, Action<T> run)
    {
        int warmUp = Math.Max(1, rounds / 5);
        var times = new List<double>(rounds);
        var allocations = new List<long>(rounds);
        for (int round = 0; round < warmUp + rounds; round++)
        {
            T input = prepare(round);
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            long start = Stopwatch.GetTimestamp();
            run(input);
            double time = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
            if (round < warmUp) continue;
            times.Add(time);
            allocations.Add(allocated);
        }

        times.Sort();
        allocations.Sort();
        return new(times[0], times[rounds / 2], times[rounds * 9 / 10], allocations[rounds / 2]);
    }
}
