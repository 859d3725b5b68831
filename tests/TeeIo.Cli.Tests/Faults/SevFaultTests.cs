namespace TeeIo.Cli.Tests.Faults;

public sealed class SevFaultTests
{
    public static TheoryData<string, string> Calls => FaultExtent.Calls("sev", stride: 3);

    [Theory]
    [MemberData(nameof(Calls))]
    public void A_call_that_fails_leaves_nothing_behind(string profile, string call) => FaultRun.Check("sev", profile, call);
}
