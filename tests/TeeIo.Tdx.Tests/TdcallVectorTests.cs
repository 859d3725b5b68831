using TeeIo.Boundaries;
using TeeIo.Tdx.Tdcall;

namespace TeeIo.Tdx.Tests;

public sealed class TdcallVectorTests
{
    private static readonly FunctionId _function = new(0x0108);

    [Fact]
    public void Vmcall_is_leaf_0() => Check("rcx=fc00 r11=10001 r12=1000 r13=2000", c => c.TryVpVmcall(0xFC00, 0, 0x10001, 0x1000, 0x2000, 0, 0, out _, out _, out _, out _, out _, out _));

    [Fact]
    public void Info_is_leaf_1() => Check("rax=1", c => c.TryVpInfo(out _, out _, out _, out _, out _, out _));

    [Fact]
    public void Page_accept_is_leaf_6_with_the_level_beside_the_page() => Check("rax=6 rcx=7654001", c => c.TryMemPageAccept(PageLevel.Size2m, 0x7654));

    [Fact]
    public void Vm_read_is_leaf_7() => Check("rax=7 rdx=1110000300000016", c => c.TryVmRd(TdcallConstants.ConfigFlags, out _));

    [Fact]
    public void Page_release_is_leaf_30() => Check("rax=1e rcx=5000", c => c.TryMemPageRelease(PageLevel.Size4k, 5, out _, out _, out _, out _));

    [Fact]
    public void Tdi_read_is_leaf_67() => Check("rax=43 rcx=108 rdx=3 r8=9000", c => c.TryTdiRd(_function, TdiField.GetTdispReportHash, 0x9000, out _));

    [Fact]
    public void Tdi_start_is_leaf_68() => Check("rax=44 rcx=108 rdx=77", c => c.TryTdiStart(_function, 0x77));

    [Fact]
    public void Dmar_accept_is_leaf_70() => Check("rax=46 rcx=108 rdx=2", c => c.TryDmarAccept(_function, 2));

    [Fact]
    public void Mmio_accept_is_leaf_71() =>
        Check("rax=47 rcx=a0000000 rdx=1 r8=108 r9=500000002", c => c.TryMmioAccept(PageLevel.Size4k, 0xA0000, 1, _function, 2, 5, out _, out _, out _, out _));

    [Fact]
    public void Results_come_out_of_their_bits()
    {
        RecordingCpu cpu = new RecordingCpu().Answer(Register.Rcx, 0xABCDE001).Answer(Register.R9, 0x0000000900000004).Answer(Register.Rax, 0x8000000300000000);
        ulong status = new TdcallClient(cpu).TryMmioAccept(PageLevel.Size4k, 1, 0, _function, 1, 0, out PageLevel level, out ulong page, out uint left, out uint offset);
        Assert.Equal((0x8000000300000000, PageLevel.Size2m, 0xABCDEul, 4u, 9u), (status, level, page, left, offset));
    }

    [Fact]
    public void A_page_that_its_bits_cannot_hold_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new TdcallClient(new RecordingCpu()).TryMemPageAccept(PageLevel.Size4k, 1UL << 40));

    [Fact]
    public void The_throwing_form_names_call_and_status()
    {
        RecordingCpu cpu = new RecordingCpu().Answer(Register.Rax, 0x8000020000000001);
        AbiException error = Assert.Throws<AbiException>(() => new TdcallClient(cpu).TdiStart(_function, 1));
        Assert.Contains("TDG.TDI.START", error.Message, StringComparison.Ordinal);
        Assert.Contains("OPERAND_BUSY", error.Message, StringComparison.Ordinal);
    }

    private static void Check(string expected, Func<TdcallClient, ulong> call)
    {
        RecordingCpu cpu = new();
        call(new TdcallClient(cpu));
        Assert.Equal(expected, cpu.Seen);
    }
}
