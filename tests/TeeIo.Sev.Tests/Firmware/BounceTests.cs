using TeeIo.Flow;
using TeeIo.Pci.Tdisp;
using TeeIo.Platform.Hardware;
using TeeIo.Sev.Psp;

namespace TeeIo.Sev.Tests.Firmware;

/// <summary>The ping-pong: what the host must repeat, what it may not do meanwhile, and what lies in its buffers.</summary>
public sealed class BounceTests
{
    private static readonly Dictionary<string, (Func<SpBench, SlaId> Sla, SevRet Status)> s_slas = new()
    {
        ["none"] = (_ => default, SevRet.InvalidAddress),
        ["reserved low bits"] = (b => new(b.FirmwarePage() | 4), SevRet.InvalidParam),
        ["reserved high bits"] = (b => new(b.FirmwarePage() | (1UL << 52)), SevRet.InvalidParam),
        ["2 MiB"] = (b => new(b.FirmwarePage() | 2), SevRet.InvalidParam),
        ["outside memory"] = (_ => new(0x1000), SevRet.InvalidAddress),
        ["MMIO"] = (b => new(b.Bar), SevRet.InvalidAddress),
        ["the end itself"] = (_ => new(0x000F_FFFF_FFFF_F000), SevRet.InvalidAddress),
        ["the host's page"] = (b => new(b.Page()), SevRet.InvalidPageState),
        ["a guest's page"] = (b => new(b.Ram), SevRet.InvalidPageOwner),
        ["a context"] = (b => new(b.Gctx.Value), SevRet.InvalidPageState),
        ["an empty list"] = (b => b.Several(), SevRet.InvalidAddress),
        ["a list on a firmware page"] = (b => new(b.FirmwarePage() | 1), SevRet.InvalidPageState),
        ["a list with a list in it"] = (b => b.Several(b.FirmwarePage() | 1, b.FirmwarePage()), SevRet.InvalidParam),
        ["a list with a page outside memory"] = (b => b.Several(b.FirmwarePage(), 0x1000), SevRet.InvalidAddress),
        ["a list with a page twice"] = (b => Twice(b), SevRet.InvalidAddress),
        ["a list with the host's page"] = (b => b.Several(b.FirmwarePage(), b.Page()), SevRet.InvalidPageState),
        ["a list without an end"] = (b => Endless(b), SevRet.InvalidAddress),
        ["another buffer's page"] = (b => new(b.Buffers.Output.Value), SevRet.InvalidAddress),
        ["a size beyond the pages"] = (b => Sized(b, 0x1001), SevRet.IncorrectBufferLength),
        ["a size without an object"] = (b => Sized(b, 0x40), SevRet.IncorrectBufferLength),
    };

    private static readonly Dictionary<string, Action<SpBench>> s_answers = new()
    {
        ["nothing"] = b => b.Respond([], 2, payload: 0),
        ["a request"] = b => b.Respond(new byte[64], 2, id: 1),
        ["another data type"] = b => b.Respond(new byte[64], 1),
        ["a length beyond the payload"] = b => b.Respond(new byte[64], 2, length: 0x100),
        ["a length of nothing"] = b => b.Respond(new byte[64], 2, length: 16),
        ["a payload beyond the buffer"] = b => b.Respond(new byte[64], 2, payload: 0x2000),
        ["a payload that isn't whole"] = b => b.Respond(new byte[64], 2, payload: 0x41),
        ["noise"] = b => b.Respond(new byte[64], 2),
        ["a huge payload"] = b => b.Respond(new byte[64], 2, payload: -32),
        ["a huge length"] = b => b.Respond(new byte[64], 2, length: -1),
    };

    public static TheoryData<string> Slas => [.. s_slas.Keys];

    public static TheoryData<string> Answers => [.. s_answers.Keys];

    [Theory]
    [MemberData(nameof(Slas))]
    public void A_bad_request_buffer_has_its_status(string name)
    {
        using SpBench bench = SpBench.At(SpStage.Connected);
        SpdmCtrl buffers = bench.Buffers;
        buffers.Req = s_slas[name].Sla(bench);
        bench.Buffers = buffers;
        Assert.Equal(s_slas[name].Status, bench.Measure());
    }

    [Fact]
    public void A_list_has_511_pages_at_most()
    {
        using SpBench bench = SpBench.At(SpStage.Booted);
        ulong root = bench.Page();
        ulong page = bench.FirmwarePage();
        for (ulong i = 0; i < 512; i++) bench.WriteWord(root + (i * 8), page);
        Assert.Equal(SevRet.InvalidAddress, bench.CreateDevice(new(root | 1)));
    }

    [Fact]
    public void A_response_buffer_is_the_host_s()
    {
        using SpBench bench = SpBench.At(SpStage.Connected);
        SpdmCtrl buffers = bench.Buffers;
        buffers.Resp = bench.Buffer(1, isFirmware: true, out _);
        bench.Buffers = buffers;
        Assert.Equal(SevRet.InvalidPageState, bench.Measure());
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public void A_bad_answer_ends_the_command_and_the_session(string name)
    {
        using SpBench bench = SpBench.At(SpStage.Connected);
        Assert.Equal(SevRet.SpdmRequest, bench.Measure());
        s_answers[name](bench);
        Assert.Equal(SevRet.SpdmError, bench.Measure());
        Assert.Equal(SevRet.ResyncReq, bench.Measure());
        bench.MustConverse(() => bench.Disconnect());
        SpBench.Must(bench.ReclaimDevice());
    }

    [Fact]
    public void An_answer_that_no_DOE_object_holds_is_none()
    {
        using SpBench bench = SpBench.At(SpStage.Connected);
        SpdmCtrl buffers = bench.Buffers;
        buffers.Resp = bench.Buffer(260, isFirmware: false, out ulong first);
        bench.Buffers = buffers;
        Assert.Equal(SevRet.SpdmRequest, bench.Measure());
        bench.WriteWord(first, (260 * 0x1000) | (0x10_0020UL << 32));
        bench.WriteWord(first + 0x40, 2 | (0x10_0020UL << 32));
        bench.WriteWord(first + 0x48, 0x2_0100);
        Assert.Equal(SevRet.SpdmError, bench.Measure());
    }

    [Fact]
    public void A_device_that_does_not_connect_can_be_tried_again()
    {
        using SpBench bench = SpBench.At(SpStage.Device);
        bench.Port.TryOpen(1, 0, ushort.MaxValue, out _);
        Assert.Equal(SevRet.ExpandBufferLengthRequest, bench.Connect());
        SpdmCtrl buffers = bench.Buffers;
        buffers.Scratch = bench.Buffer(3, isFirmware: true, out _);
        bench.Buffers = buffers;
        Assert.Equal(SevRet.SpdmRequest, bench.Connect());
        bench.Respond(new byte[64], 1);
        Assert.Equal(SevRet.ErrInDevConn, bench.Connect());
        bench.Port.Close(1);
        bench.Port.TryOpen(1, 0, ushort.MaxValue, out _);
        bench.MustConverse(() => bench.Connect());
    }

    [Fact]
    public void Another_command_waits_until_the_device_has_answered()
    {
        using SpBench bench = SpBench.At(SpStage.Locked);
        Assert.Equal(SevRet.SpdmRequest, bench.Measure());
        Assert.Equal(SevRet.InUse, bench.RollKey());
        Assert.Equal(SevRet.InUse, bench.Unbind());
        Assert.Equal(SevRet.InUse, bench.ReadState());
        Assert.Equal(SevRet.InUse, bench.Send(new byte[4096], out _));
        bench.Carry();
        bench.MustConverse(() => bench.Measure());
        bench.MustConverse(() => bench.ReadState());
    }

    [Fact]
    public void A_pending_command_is_shown_and_named()
    {
        using SpBench bench = SpBench.At(SpStage.Locked);
        Assert.Equal(SevRet.SpdmRequest, bench.ReadState());
        SpBench.Must(bench.Tio.TryDevStatus(new TioDevStatusCmd { DevCtxSla = bench.Dev, StatusPaddr = new(bench.Output) }));
        TioDevStatus.TryRead(bench.Read(bench.Output, TioDevStatus.ByteSize), out TioDevStatus status);
        Assert.Equal(DevPendingFlags.RequestPendingTdi, status.P1Flags);
        Assert.Equal((ushort)SevCmd.TioTdiStatus, status.RequestPendingCommand);
        Assert.Equal(bench.Vf, (ushort)status.RequestPendingInterfaceId.FunctionId.RequesterId);
        Assert.Equal((1u, 1u), (status.TdiCount, status.BoundTdiCount));
    }

    [Fact]
    public void The_command_must_be_repeated_as_it_was()
    {
        using SpBench bench = SpBench.At(SpStage.Connected);
        Assert.Equal(SevRet.SpdmRequest, bench.Measure());
        bench.Carry();
        Assert.Equal(SevRet.InvalidParam, bench.Measure([.. Enumerable.Repeat((byte)1, 32)]));
        SpdmCtrl good = bench.Buffers;
        SpdmCtrl other = good;
        other.Output = bench.Buffer(2, isFirmware: true, out _);
        bench.Buffers = other;
        Assert.Equal(SevRet.InvalidParam, bench.Measure());
        bench.Buffers = good;
        bench.MustConverse(() => bench.Measure());
    }

    [Fact]
    public void A_page_that_was_taken_back_meanwhile_is_not_written()
    {
        using SpBench bench = SpBench.At(SpStage.Connected);
        Assert.Equal(SevRet.SpdmRequest, bench.Measure());
        bench.Carry();
        SpBench.Must(bench.Snp.TryPageReclaim(new SnpPageReclaim { Paddr = new(bench.Buffers.Output.Value) }));
        SpBench.Must(bench.Rmp(bench.Buffers.Output.Value, 0, isAssigned: false));
        Assert.Equal(SevRet.InvalidPageState, bench.Measure());
    }

    [Fact]
    public void Force_unbinds_a_TDI_whose_device_does_not_answer_and_fences_its_guest()
    {
        using SpBench bench = SpBench.At(SpStage.Accepted);
        Assert.Equal(SevRet.SpdmRequest, bench.Unbind());
        bench.Respond([], 2, payload: 0);
        Assert.Equal(SevRet.SpdmError, bench.Unbind());
        Assert.Equal(SevRet.ResyncReq, bench.Unbind());
        SpBench.Must(bench.Unbind(isForced: true));
        Assert.Equal(AsidFenceDma.Error, bench.Fence().Dma);
        Assert.Equal(AsidFenceMmio.Fenced, bench.Fence().Mmio);
        Assert.Equal(PageWalkResult.Denied, bench.Sp.WalkTrustedDma(bench.Vf, SpBench.RamGpa, isWrite: false).Result);
        SpBench.Must(bench.ReclaimTdi());
        SpBench.Must(bench.ClearFence());
        Assert.Equal(AsidFenceDma.NotFenced, bench.Fence().Dma);
    }

    [Fact]
    public void Force_drops_a_command_that_waits_and_the_session_with_it()
    {
        using SpBench bench = SpBench.At(SpStage.Running);
        Assert.Equal(SevRet.SpdmRequest, bench.Measure());
        SpBench.Must(bench.Unbind(isForced: true));
        Assert.Equal(SevRet.ResyncReq, bench.Measure());
        SpBench.Must(bench.Disconnect(isForced: true));
    }

    [Fact]
    public void Force_asks_a_device_that_answers()
    {
        using SpBench bench = SpBench.At(SpStage.Running);
        bench.MustConverse(() => bench.Unbind(isForced: true));
        Assert.Equal(AsidFenceDma.NotFenced, bench.Fence().Dma);
        bench.MustConverse(() => bench.ReadState());
        Assert.Equal((byte)0, bench.Read(bench.Output + 4, 1)[0]);
    }

    [Fact]
    public void A_device_that_runs_on_after_a_forced_unbind_is_heard()
    {
        var refusal = new FaultInjector(new CrossingFault(TdispCalls.StopInterface.Name, CrossingSide.Server, (long)TdispErrorCode.InvalidRequest) { IsPersistent = true });
        using var bench = new SpBench(device: new CrossingHub([], refusal));
        bench.GoTo(SpStage.Running);
        bench.MustConverse(() => bench.Unbind(isForced: true));
        bench.MustConverse(bench.ReadState);
        Assert.Equal((byte)TdiState.Run, bench.Read(bench.Output + 4, 1)[0]);
        Assert.Equal((TdiBindStatus.Unbound, AsidFenceDma.Error), (bench.Info().TdiStatus, bench.Fence().Dma));
        Assert.Equal(PageWalkResult.Denied, bench.Sp.WalkTrustedDma(bench.Vf, SpBench.RamGpa, isWrite: false).Result);
    }

    [Fact]
    public void A_forced_disconnect_unbinds_every_TDI_and_lets_nothing_pass()
    {
        using SpBench bench = SpBench.At(SpStage.Accepted);
        bench.MustConverse(() => bench.Disconnect(isForced: true));
        Assert.Equal(TdiBindStatus.Unbound, bench.Info().TdiStatus);
        Assert.Equal(PageWalkResult.Denied, bench.Sp.WalkTrustedDma(bench.Vf, SpBench.RamGpa, isWrite: false).Result);
        byte[] register = new byte[4];
        bench.Memory.ReadMmio(bench.Bar, register, tee: true);
        Assert.Equal([0xFF, 0xFF, 0xFF, 0xFF], register);
        SpBench.Must(bench.ReclaimTdi());
        SpBench.Must(bench.ReclaimDevice());
    }

    [Fact]
    public void A_device_whose_connecting_is_stuck_is_given_up_by_reclaiming_it()
    {
        using SpBench bench = SpBench.At(SpStage.Device);
        Assert.Equal(SevRet.ExpandBufferLengthRequest, bench.Connect());
        SpdmCtrl buffers = bench.Buffers;
        buffers.Scratch = bench.Buffer(3, isFirmware: true, out _);
        bench.Buffers = buffers;
        Assert.Equal(SevRet.SpdmRequest, bench.Connect());
        SpBench.Must(bench.ReclaimDevice());
        SpBench.Must(bench.CreateDevice(new(bench.Dev.Value)));
    }

    [Fact]
    public void An_error_of_the_TDI_is_seen_when_the_device_is_asked()
    {
        using SpBench bench = SpBench.At(SpStage.Accepted);
        bench.Device.Functions[1].WriteConfig(4, 2, 0);
        bench.MustConverse(() => bench.ReadState());
        Assert.Equal((byte)3, bench.Read(bench.Output + 4, 1)[0]);
        Assert.Equal(PageWalkResult.Denied, bench.Sp.WalkTrustedDma(bench.Vf, SpBench.RamGpa, isWrite: false).Result);
        bench.MustConverse(() => bench.Unbind());
    }

    private static SlaId Twice(SpBench bench)
    {
        ulong page = bench.FirmwarePage();
        return bench.Several(page, page);
    }

    private static SlaId Endless(SpBench bench)
    {
        ulong root = bench.Page();
        for (ulong i = 0; i < 512; i++) bench.WriteWord(root + (i * 8), bench.Output);
        return new(root | 1);
    }

    private static SlaId Sized(SpBench bench, int capacity)
    {
        SlaId buffer = bench.Buffer(1, isFirmware: true, out ulong first);
        bench.SetCapacity(first, capacity);
        return buffer;
    }
}
