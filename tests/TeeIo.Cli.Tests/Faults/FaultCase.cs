using TeeIo.Flow;

namespace TeeIo.Cli.Tests.Faults;

/// <summary>Faults of one run.</summary>
/// <param name="Faults">Each of them, the first one first.</param>
/// <param name="Errors">The names of their errors.</param>
internal sealed record FaultCase(IReadOnlyList<CrossingFault> Faults, string Errors)
{
    public FaultCase Then(CrossingFault second, string error) => new([.. Faults, second], $"{Errors}, {error}");

    public override string ToString() => $"{Errors}: {string.Join("; then ", Faults)}";
}
