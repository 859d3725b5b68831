namespace TeeIo.Cli.Tests.Faults;

public sealed class TdxFaultTests
{
    public static TheoryData<string> Calls => [.. FaultMatrix.Of("tdx").Calls];

    [Theory]
    [MemberData(nameof(Calls))]
    public void A_call_that_fails_leaves_nothing_behind(string call) => FaultRun.Check("tdx", call);
}
