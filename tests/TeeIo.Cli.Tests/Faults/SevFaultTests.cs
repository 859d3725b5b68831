namespace TeeIo.Cli.Tests.Faults;

public sealed class SevFaultTests
{
    public static TheoryData<string> Calls => [.. FaultMatrix.Of("sev").Calls];

    [Theory]
    [MemberData(nameof(Calls))]
    public void A_call_that_fails_leaves_nothing_behind(string call) => FaultRun.Check("sev", call);
}
