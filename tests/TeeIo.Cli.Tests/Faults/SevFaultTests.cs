namespace TeeIo.Cli.Tests.Faults;

public sealed class SevFaultTests
{
    public static TheoryData<string> Calls => [.. FaultMatrix.Of("sev").Calls];

    [FaultTheory]
    [MemberData(nameof(Calls))]
    public void A_call_that_fails_leaves_nothing_behind(string call) => FaultRun.Check("sev", call);

    /// <summary>A part that always runs.</summary>
    [Theory]
    [InlineData("TIO_TDI_RECLAIM")]
    [InlineData("SNP_ACTIVATE")]
    [InlineData("KVM_CREATE_VCPU")]
    public void A_failing_call_whose_bugs_were_mended_leaves_nothing_behind(string call) => FaultRun.Check("sev", call);
}
