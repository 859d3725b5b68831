namespace TeeIo.Spdm.Tests.Hostile;

/// <summary>How many cases run: all of them with TEEIO_HOSTILE=all, else each n-th, so that a run takes some seconds.</summary>
internal static class HostileExtent
{
    /// <summary>A number that has nothing in common with bytes, words and lines.</summary>
    private const int Sample = 997;

    /// <summary>Each n-th runs.</summary>
    public static int Stride { get; } = Environment.GetEnvironmentVariable("TEEIO_HOSTILE") == "all" ? 1 : Sample;
}
