namespace TeeIo.Cli.Tests.Explorer;

/// <summary>How far to explore.</summary>
internal sealed record ExplorerOptions
{
    /// <summary>Points with a choice up to which every schedule counts; chance decides beyond.</summary>
    public int Depth { get; init; } = int.MaxValue;

    /// <summary>The most preemptions of a schedule.</summary>
    public int Preemptions { get; init; } = int.MaxValue;

    /// <summary>The most schedules.</summary>
    public int Runs { get; init; } = int.MaxValue;

    /// <summary>Schedules by seeds afterwards.</summary>
    public int Random { get; init; }

    /// <summary>Seed of all that is left to chance.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Whether what a driver does within one of its operations counts as one step.</summary>
    public bool IsCoarse { get; init; } = true;
}
