using TeeIo.Boundaries;
using TeeIo.Pci.Tdisp;
using TeeIo.Sev.Ghcb;
using TeeIo.Sev.Psp;

namespace TeeIo.Sev.Tests;

/// <summary>Bits of the bitmap: rax 63 of the first half; rcx, rdx, rbx 33 to 35, exit code and information 50 to 52, scratch 53, xcr0 61 of the second.</summary>
public sealed class GhcbVectorTests
{
    private static readonly SbdfnId _device = new(0x1008);

    [Theory]
    [InlineData(TioOp.Bind, "390:80000021 398:1008 3f8:1c000000000000")]
    [InlineData(TioOp.Unbind, "390:80000021 398:100001008 3f8:1c000000000000")]
    [InlineData(TioOp.Run, "390:80000021 398:200001008 3f8:1c000000000000")]
    [InlineData(TioOp.Stop, "390:80000021 398:300001008 3f8:1c000000000000")]
    public void Tio_op(TioOp action, string page) => Check(page, c => c.TryTioOp(_device, action, out _, out _, out _));

    [Fact]
    public void Tio_guest_request_for_information() => Check(
        "1f8:8000 308:1008 310:f 318:8 390:80000020 398:1000 3a0:2000 3f0:8000000000000000 3f8:1c000e00000000",
        c => Request(c, 0, (ulong)(TioInfoFlags.State | TioInfoFlags.Certs | TioInfoFlags.Measurements | TioInfoFlags.Report)));

    [Fact]
    public void Tio_guest_request_to_validate_mmio() => Check(
        "1f8:8000 308:400001008 310:80000000e0000000 318:8 390:80000020 398:1000 3a0:2000 3f0:8000000000000000 3f8:1c000e00000000",
        c => Request(c, 4, RegisterBoundary.Pack(new TioMmioParam { Gfn = 0xE0000, Private = true })));

    [Fact]
    public void Tio_guest_request_to_enable_dma() => Check(
        "1f8:8000 308:1008 310:20000000001 318:8 390:80000020 398:1000 3a0:2000 3f0:8000000000000000 3f8:1c000e00000000",
        c => Request(c, 0, RegisterBoundary.Pack(new TioSdteParam { Validate = true, Vtom = (2ul << 40) >> 21 })));

    [Fact]
    public void Older_encodings_of_mmio()
    {
        // Order 2 is four pages; range 3, private.
        Assert.Equal(0x00000000E000002Bul, RegisterBoundary.Pack(new TioMmioParamOrder { Gfn = 0xE0000, Order = 2, Private = true, RangeId = 3 }));
        Assert.Equal(0x00000000E000000Bul, RegisterBoundary.Pack(new TioMmioParamRange { Gfn = 0xE0000, Private = true, RangeId = 3 }));
    }

    [Fact]
    public void Guest_request() => Check("390:80000011 398:1000 3a0:2000 3f8:1c000000000000", c => c.TryGuestRequest(0x1000, 0x2000, out _, out _));

    [Fact]
    public void Extended_guest_request()
    {
        ulong pages = 4;
        Check("1f8:8000 318:4 390:80000012 398:1000 3a0:2000 3f0:8000000000000000 3f8:1c000800000000", c => c.TryExtGuestRequest(0x1000, 0x2000, 0x8000, ref pages, out _, out _));
    }

    [Fact]
    public void Page_state_change() => Check("390:80000010 3a8:9800 3f8:3c000000000000", c => c.TryPsc(0x9800, out _));

    [Fact]
    public void Cpuid() => Check("140:1 1f8:d 308:2 390:72 3e8:7 3f0:8000010000000000 3f8:201c000200000000", c => c.TryCpuid(0xD, 2, 7, 1, out _, out _, out _, out _));

    [Fact]
    public void Hypercall_has_the_privilege_level_in_a_byte()
    {
        ulong value = 5;
        Check("c8:3000000 1f8:5 390:81 3f0:8000000002000000 3f8:1c004e00000000", c => c.TryVmmcall(ref value, 3, 0, 0, 0, 0));
    }

    [Fact]
    public void Mmio_read() => Check("390:80000001 398:fee00000 3a0:4 3a8:9800 3f8:3c000000000000", c => c.TryMmioRead(0xFEE00000, 4, 0x9800));

    [Fact]
    public void Ap_creation() => Check(
        "1f8:1 390:80000013 398:500000001 3a0:7000 3f0:8000000000000000 3f8:1c000000000000", c => c.TryApCreation(ApAction.Create, 0, 5, 0x7000, 1));

    [Fact]
    public void Features() => Check("390:8000fffd 3f8:1c000000000000", c => c.TryHvFeatures(out _));

    [Fact]
    public void Termination() => Check("390:8000fffe 398:21 3f8:1c000000000000", c => c.TryTermRequest(TermReasonSet.Linux, (byte)TermReasonLinux.Pvalidate));

    [Fact]
    public void Bind_answers_with_the_name_of_the_tdi()
    {
        GhcbHost host = new GhcbHost().Answer(0x308, 0x1122334455667788).Answer(0x3F8, 0x0018000200000000);
        Assert.Equal(GhcbStatus.Success, new GhcbClient(host).TryTioOp(_device, TioOp.Bind, out TdiId id, out SevRet firmware, out SnpVmmError vmm));
        Assert.Equal((0x1122334455667788ul, SevRet.Success, SnpVmmError.None), (id.Value, firmware, vmm));
    }

    [Fact]
    public void A_message_answers_with_both_errors_and_what_is_needed()
    {
        GhcbHost host = new GhcbHost().Answer(0x310, 2).Answer(0x318, 12).Answer(0x3A0, 0x000000010000003C).Answer(0x3F8, 0x0018000C00000000);
        ulong pages = 8;
        GhcbStatus status = new GhcbClient(host).TryTioGuestRequest(0x1000, 0x2000, 0x8000, ref pages, _device, 0, 1, out TdiState state, out SevRet firmware, out SnpVmmError vmm);
        Assert.Equal((GhcbStatus.Success, 12ul, TdiState.Run, SevRet.InvalidTdiState, SnpVmmError.InvalidLen), (status, pages, state, firmware, vmm));
    }

    [Fact]
    public void A_malformed_call_says_why()
    {
        GhcbHost host = new GhcbHost().Answer(0x398, 2).Answer(0x3A0, 5).Answer(0x3F8, 0x0018000000000000);
        Assert.Equal(GhcbStatus.InvalidInput, new GhcbClient(host).TryTioOp(_device, TioOp.Bind, out _, out SevRet firmware, out _));
        Assert.Equal(SevRet.Success, firmware); // the reason isn't taken for it
        AbiException error = Assert.Throws<AbiException>(() => new GhcbClient(host).TioOp(_device, TioOp.Bind, out _, out _, out _));
        Assert.Contains("SEV_TIO_OP failed with INVALID_INPUT", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_answer_that_the_host_does_not_mark_is_no_success()
    {
        // CPUID owes four registers; RDX isn't marked, and neither is what the host left there.
        GhcbHost host = new GhcbHost().Answer(0x310, 0xBAD).Answer(0x3F0, 0x8000000000000000).Answer(0x3F8, 0x0018000A00000000);
        Assert.Equal((GhcbStatus)RegisterBoundary.Incomplete, new GhcbClient(host).TryCpuid(1, 0, 0, 0, out _, out _, out _, out ulong edx));
        Assert.Equal(0ul, edx);
        Assert.Equal((GhcbStatus)RegisterBoundary.Incomplete, new GhcbClient(new GhcbHost()).TryNmiComplete());
    }

    private static GhcbStatus Request(GhcbClient client, uint mmioPages, ulong parameter)
    {
        ulong pages = 8;
        return client.TryTioGuestRequest(0x1000, 0x2000, 0x8000, ref pages, _device, mmioPages, parameter, out _, out _, out _);
    }

    private static void Check(string page, Func<GhcbClient, GhcbStatus> call)
    {
        GhcbHost host = new();
        call(new GhcbClient(host));
        Assert.Equal(page, host.Seen);
    }
}
