using TeeIo.Boundaries;
using TeeIo.Sev.Ghcb;

namespace TeeIo.Sev.Tests;

public sealed class GhcbMsrTests
{
    [Fact]
    public void Calls_and_answers_have_their_bits()
    {
        Assert.Equal(0x0002000133000001ul, RegisterBoundary.Pack(new GhcbMsrSevInfo { Info = GhcbMsrInfo.SevInfoResp, CBit = 51, MinVersion = 1, MaxVersion = 2 }));
        Assert.Equal(0x80000008C0000004ul, RegisterBoundary.Pack(new GhcbMsrCpuid { Info = GhcbMsrInfo.CpuidReq, Register = CpuidRegister.Edx, Value = 0x80000008 }));
        Assert.Equal(0x0000000012345012ul, RegisterBoundary.Pack(new GhcbMsrGfn { Info = GhcbMsrInfo.RegGpaReq, Gfn = 0x12345 }));
        Assert.Equal(0x0010000012345014ul, RegisterBoundary.Pack(new GhcbMsrPsc { Info = GhcbMsrInfo.PscReq, Gfn = 0x12345, Operation = PscOperation.Private }));
        Assert.Equal(0x0000000200000016ul, RegisterBoundary.Pack(new GhcbMsrVmpl { Info = GhcbMsrInfo.VmplReq, Vmpl = 2 }));
        Assert.Equal(0x0000000000081081ul, RegisterBoundary.Pack(new GhcbMsrFeatures { Info = GhcbMsrInfo.HvFtResp, Features = HvFeatures.Snp | HvFeatures.SevTio }));
        Assert.Equal(0x0000000000021100ul, RegisterBoundary.Pack(new GhcbMsrTerm { Info = GhcbMsrInfo.TermReq, ReasonSet = TermReasonSet.Linux, Reason = (byte)TermReasonLinux.Pvalidate }));
        Assert.Equal(1ul, RegisterBoundary.Unpack<GhcbMsrError>(0x0000000100000015).Error);
    }

    [Fact]
    public void Page_state_changes_have_their_bits()
    {
        Assert.Equal(0x0000000000050002ul, RegisterBoundary.Pack(new PscHdr { CurEntry = 2, EndEntry = 5 }));
        Assert.Equal(0x0120000012345007ul, RegisterBoundary.Pack(new PscEntry { CurPage = 7, Gfn = 0x12345, Operation = PscOperation.Shared, Is2m = true }));
        Assert.Equal((0x0000010000000000ul, 0x0000000100000001ul), ((ulong)PscResult.GenericError, (ulong)PscResult.InvalidHeader));
    }

    [Fact]
    public void An_event_reads_back()
    {
        GhcbEvent general = RegisterBoundary.Unpack<GhcbEvent>(0x000000008000030D);
        Assert.Equal((13, 3, true, false), (general.Vector, general.Type, general.Valid, general.ErrorCodeValid));
    }
}
