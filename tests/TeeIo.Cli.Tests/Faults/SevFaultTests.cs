namespace TeeIo.Cli.Tests.Faults;

public sealed class SevFaultTests
{
    /// <summary>Calls that the sample leaves out, since the matrix still finds something there; without them it takes all. tests/README.md says what it finds.</summary>
    internal static readonly string[] Known =
    [
    ];

    public static TheoryData<string, string> Calls => FaultExtent.Calls("sev", stride: 3, Known);

    [Theory]
    [MemberData(nameof(Calls))]
    public void A_call_that_fails_leaves_nothing_behind(string profile, string call) => FaultRun.Check("sev", profile, call);
}
