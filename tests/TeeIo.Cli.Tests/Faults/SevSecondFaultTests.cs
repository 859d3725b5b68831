namespace TeeIo.Cli.Tests.Faults;

public sealed class SevSecondFaultTests
{
    public static TheoryData<string, string> Calls => FaultExtent.Calls("sev", stride: 8);

    [Theory]
    [MemberData(nameof(Calls))]
    public void A_call_that_fails_while_another_failure_unwinds_leaves_nothing_behind(string profile, string call) => FaultRun.CheckSecond("sev", profile, call);
}
