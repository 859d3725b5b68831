namespace TeeIo.Cli.Tests.Explorer;

/// <summary>Who acts on the explorer's machine, and how.</summary>
/// <param name="Name">What it is about.</param>
/// <param name="Enter">Starts the actors' tasks; a new machine each time.</param>
internal sealed record Cast(string Name, Action<Stage> Enter)
{
    public override string ToString() => Name;
}
