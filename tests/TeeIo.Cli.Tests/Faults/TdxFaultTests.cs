namespace TeeIo.Cli.Tests.Faults;

public sealed class TdxFaultTests
{
    public static TheoryData<string> Calls => [.. FaultMatrix.Of("tdx").Calls];

    [FaultTheory]
    [MemberData(nameof(Calls))]
    public void A_call_that_fails_leaves_nothing_behind(string call) => FaultRun.Check("tdx", call);

    /// <summary>A part that always runs.</summary>
    [Theory]
    [InlineData("TDH.MMIO.UNMAP")]
    [InlineData("TDH.TDI.CREATE")]
    [InlineData("KVM_CREATE_VCPU")]
    public void A_failing_call_whose_bugs_were_mended_leaves_nothing_behind(string call) => FaultRun.Check("tdx", call);
}
