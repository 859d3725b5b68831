namespace TeeIo.Cli.Tests.Explorer;

/// <summary>What an exploration has found.</summary>
/// <param name="Runs">Schedules that were run.</param>
/// <param name="States">Different states at points with a choice.</param>
/// <param name="Points">The most points with a choice in one run.</param>
/// <param name="Preemptions">The most preemptions up to which every schedule within the depth was run or led to a state that was known.</param>
/// <param name="IsComplete">Whether no schedule within the depth is left, however many preemptions it has.</param>
/// <param name="Random">Schedules by seeds that were run besides.</param>
/// <param name="Failure">The first schedule that leads to something wrong, or null.</param>
internal sealed record Exploration(int Runs, int States, int Points, int Preemptions, bool IsComplete, int Random, FailingSchedule? Failure)
{
    public override string ToString() =>
        $"{Runs} schedules, {States} states, up to {Points} points with a choice; every schedule with up to {Preemptions} preemptions{(IsComplete ? ", and there are no others" : string.Empty)}; {Random} random ones";
}
