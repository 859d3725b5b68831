namespace TeeIo.Cli.Tests.Faults;

public sealed class SevFaultTests
{
    /// <summary>Calls that the sample leaves out, since the matrix still finds something there; without them it takes all. tests/README.md says what it finds.</summary>
    internal static readonly string[] Known =
    [
        "TIO_GUEST_REQUEST", "SNP_MSG_TIO_MMIO_VALIDATE", "TIO_DEV_MEASUREMENTS", "TIO_TDI_STATUS", "SNP_PAGE_RECLAIM", "TIO_ASID_FENCE_STATUS", "confidential-memory.map_private",
        "guest-ops.disconnect", "devsec-ops.unlock", "confidential-memory.unmap_mmio", "STOP_INTERFACE_REQUEST", "TIO_TDI_BIND", "TIO_TDI_UNBIND", "GET_DEVICE_INTERFACE_STATE",
    ];

    public static TheoryData<string, string> Calls => FaultExtent.Calls("sev", stride: 3, Known);

    [Theory]
    [MemberData(nameof(Calls))]
    public void A_call_that_fails_leaves_nothing_behind(string profile, string call) => FaultRun.Check("sev", profile, call);
}
