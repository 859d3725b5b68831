namespace TeeIo.Cli.Tests.Faults;

/// <summary>The whole matrix, which runs where TEEIO_FAULTS is set. It isn't clean yet: tests/README.md lists what it still finds.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class FaultTheoryAttribute : TheoryAttribute
{
    public FaultTheoryAttribute()
    {
        if (Environment.GetEnvironmentVariable("TEEIO_FAULTS") is null) Skip = "set TEEIO_FAULTS to some or all; tests/README.md says what it still finds";
    }
}
