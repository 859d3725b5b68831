namespace TeeIo.Cli.Tests.Faults;

public sealed class TdxFaultTests
{
    /// <summary>Calls whose faults always run; all of them where TEEIO_FAULTS asks for the matrix, which isn't clean yet: tests/README.md lists what it still finds.</summary>
    public static TheoryData<string> Calls => FaultMatrix.IsWanted ? [.. FaultMatrix.Of("tdx").Calls] : ["TDH.MMIO.UNMAP", "TDH.TDI.CREATE", "KVM_CREATE_VCPU"];

    [Theory]
    [MemberData(nameof(Calls))]
    public void A_call_that_fails_leaves_nothing_behind(string call) => FaultRun.Check("tdx", call);
}
