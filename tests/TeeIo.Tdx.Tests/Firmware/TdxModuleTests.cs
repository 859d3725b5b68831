using System.Security.Cryptography;
using TeeIo.Boundaries;
using TeeIo.Pci.Tdisp;
using TeeIo.Platform.Hardware;
using TeeIo.Tdx.Seamcall;
using TeeIo.Tdx.Status;
using TeeIo.Tdx.Tdcall;

namespace TeeIo.Tdx.Tests.Firmware;

public sealed class TdxModuleTests
{
    private const ulong Page = PhysicalMemory.PageSize;
    private const ulong Gpa = ModuleBench.Gpa;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void After_a_full_life_the_module_has_no_page_and_the_host_all(bool hasContention)
    {
        using ModuleBench bench = ModuleBench.At(Stage.Gone, hasContention);

        bench.TakeEverythingBack();

        Assert.Equal((0, 0, 0), (bench.Module.OwnedPages, bench.Module.UnflushedPages, bench.PagesInUse));
    }

    [Fact]
    public void With_contention_each_kind_of_loop_turns()
    {
        using ModuleBench bench = ModuleBench.At(Stage.Gone);

        Assert.Superset(
            new HashSet<TdxStatus>
            {
                TdxStatus.InterruptedResumable, TdxStatus.OperandBusy, TdxStatus.KeyGenerationFailed, TdxStatus.PreviousTlbEpochBusy, TdxStatus.SpdmRequest,
                TdxStatus.SpdmSessionKeyRequireRefresh,
            },
            bench.Turns.ToHashSet());
    }

    [Fact]
    public void The_report_s_hash_is_that_of_the_host_s_copy()
    {
        using ModuleBench bench = ModuleBench.At(Stage.Locked);
        bench.MustRelay(() => bench.Tdi.ReadReport(out _));
        ulong length = 0;
        bench.MustRelay(() => bench.Tdi.ReadReport(out length));
        byte[] report = new byte[length];
        bench.Memory.Read(bench.Tdi.Report, report, KeyId.Shared);

        Assert.Equal(TdxStatus.Success, ModuleBench.StatusOf(bench.Tdi.Read(TdiField.GetTdispReportHash, ModuleBench.BufferGpa, out ulong hashLength)));

        Assert.Equal(SHA384.HashData(report), bench.Td.ReadBuffer((int)hashLength));
    }

    [Fact]
    public void A_new_bind_has_a_new_number_and_no_consent()
    {
        using ModuleBench bench = ModuleBench.At(Stage.Locked);
        bench.Must(() => bench.Td.Guest.TryTdiStart(ModuleBench.GuestId, bench.Tdi.SessionId));
        bench.MustRelay(bench.Tdi.Stop);
        bench.MustRelay(bench.Tdi.Bind);

        bench.Tdi.Read(TdiField.GetBindSessionId, 0, out ulong second);

        Assert.NotEqual(bench.Tdi.SessionId, second);
        Assert.Equal(TdxStatus.TdiInvalidState, ModuleBench.StatusOf(bench.Relay(bench.Tdi.Start)));
        Assert.Equal(TdxStatus.OperandInvalid, ModuleBench.StatusOf(bench.Td.Guest.TryTdiStart(ModuleBench.GuestId, bench.Tdi.SessionId)));
    }

    [Fact]
    public void Swapped_pages_are_not_accepted()
    {
        using ModuleBench bench = ModuleBench.At(Stage.Locked, hasContention: false);
        bench.Must(() => bench.Tdi.Map(Gpa, bench.Tdi.Bar + Page));
        bench.Must(() => bench.Tdi.Map(Gpa + Page, bench.Tdi.Bar));

        Assert.Equal(TdxStatus.MmioInvalidHpaOffset, ModuleBench.StatusOf(bench.Tdi.Accept(Gpa, 1, 0)));
        Assert.Equal(TdxStatus.MmioInvalidHpaOffset, ModuleBench.StatusOf(bench.Tdi.Accept(Gpa + Page, 1, 1)));
    }

    [Fact]
    public void Accepting_MMIO_that_isn_t_mapped_leaves_the_guest_and_goes_on()
    {
        using ModuleBench bench = ModuleBench.At(Stage.Locked, hasContention: false);
        bench.Td.Cpu.OnFault = gpa => ModuleBench.StatusOf(bench.Tdi.Map(gpa, bench.Tdi.Bar + (gpa - Gpa))) == TdxStatus.Success;

        Assert.Equal(TdxStatus.Success, ModuleBench.StatusOf(bench.Tdi.Accept(Gpa, 3, 0)));
        Assert.Equal([Gpa, Gpa + Page, Gpa + (2 * Page)], bench.Td.Cpu.Faults);
    }

    [Fact]
    public void Accepting_MMIO_that_the_kernel_doesn_t_map_ends()
    {
        using ModuleBench bench = ModuleBench.At(Stage.Locked, hasContention: false);

        Assert.Equal(TdxStatus.OperandInvalid, ModuleBench.StatusOf(bench.Tdi.Accept(Gpa, 3, 0)));
        Assert.Single(bench.Td.Cpu.Faults);
    }

    [Fact]
    public void Trusted_DMA_reaches_private_memory_only_once_the_guest_has_accepted_it()
    {
        using ModuleBench bench = ModuleBench.At(Stage.Offered);
        ushort rid = (ushort)bench.Vf.Value;
        Assert.Equal(PageWalkResult.Denied, bench.Module.WalkTrustedDma(rid, ModuleBench.BufferGpa, isWrite: true).Result);

        bench.GoTo(Stage.Accepted);

        Assert.Equal(PageWalkResult.Mapped, bench.Module.WalkTrustedDma(rid, ModuleBench.BufferGpa, isWrite: true).Result);
        Assert.Equal(PageWalkResult.Denied, bench.Module.WalkTrustedDma((ushort)bench.OtherVf.Value, ModuleBench.BufferGpa, isWrite: true).Result);
        Assert.Equal(PageWalkResult.Denied, bench.Module.WalkTrustedDma(rid, 0x5000, isWrite: true).Result);
        bench.Must(() => bench.Tdi.BlockDma(DmarLevel.Pasidte));
        Assert.Equal(PageWalkResult.Denied, bench.Module.WalkTrustedDma(rid, ModuleBench.BufferGpa, isWrite: true).Result);
    }

    [Fact]
    public void A_walk_tells_pending_from_mapped_and_blocked()
    {
        using ModuleBench bench = ModuleBench.At(Stage.Offered);
        Assert.Equal(PageWalkResult.Pending, bench.Module.WalkPrivate(bench.Td.Cpu.Vm, Gpa, isWrite: false).Result);

        bench.GoTo(Stage.Accepted);

        Assert.Equal(new PageWalk(PageWalkResult.Mapped, bench.Tdi.Bar + 4, KeyId.Shared), bench.Module.WalkPrivate(bench.Td.Cpu.Vm, Gpa + 4, isWrite: false));
        bench.Must(() => bench.Tdi.BlockMmio(Gpa));
        Assert.Equal(PageWalkResult.Denied, bench.Module.WalkPrivate(bench.Td.Cpu.Vm, Gpa, isWrite: false).Result);
        Assert.Equal(PageWalkResult.NotMapped, bench.Module.WalkPrivate(bench.Td.Cpu.Vm, 0x5000, isWrite: false).Result);
    }

    [Fact]
    public void A_relay_goes_on_only_with_the_operands_that_it_began_with()
    {
        using ModuleBench bench = ModuleBench.At(Stage.Owned, hasContention: false);
        Assert.Equal(TdxStatus.SpdmRequest, FirstOf(bench));

        Assert.Equal(TdxStatus.InvalidResumption, ModuleBench.StatusOf(bench.Model.TryTdiBind(bench.Vf, bench.Response, bench.Request, 1, out _)));
        Assert.Equal(TdxStatus.DevifTdispOutReq, ModuleBench.StatusOf(bench.Model.TryTdiGetState(bench.Vf, bench.Response, bench.Request, out _, out _)));
        Assert.Equal(TdxStatus.OperandBusy, ModuleBench.StatusOf(bench.Session.ManageKeys(IdeKmOp.Refresh)));
    }

    [Fact]
    public void After_a_lost_answer_the_session_is_broken_and_blocking_the_stream_frees_the_TDI()
    {
        using ModuleBench bench = ModuleBench.At(Stage.Owned, hasContention: false);
        Assert.Equal(TdxStatus.SpdmRequest, FirstOf(bench));

        Assert.Equal(TdxStatus.SpdmInvalidState, ModuleBench.StatusOf(bench.Tdi.Stop()));

        bench.Must(() => bench.Host.TryIdeStreamBlock(bench.Session.Spdm, bench.Session.Stream));
        bench.Must(() => bench.Model.TryTdiRemove(bench.Vf, out _));
    }

    [Fact]
    public void A_TDI_that_the_device_may_have_locked_is_not_removed_before_it_stops_or_its_stream_is_blocked()
    {
        using ModuleBench bench = ModuleBench.At(Stage.Owned, hasContention: false);
        TdxStatus status = FirstOf(bench);
        while (!bench.Device.Functions[1].TdiState.Equals(TdiState.ConfigLocked))
        {
            Assert.Equal(TdxStatus.SpdmRequest, status);
            bench.Carry();
            if (bench.Device.Functions[1].TdiState != TdiState.ConfigLocked) status = ModuleBench.StatusOf(bench.Tdi.Bind());
        }

        Assert.Equal(TdxStatus.TdiInvalidState, ModuleBench.StatusOf(bench.Model.TryTdiRemove(bench.Vf, out _)));

        bench.Must(() => bench.Host.TryIdeStreamBlock(bench.Session.Spdm, bench.Session.Stream));
        bench.Must(() => bench.Model.TryTdiRemove(bench.Vf, out _));
    }

    [Fact]
    public void An_answer_that_lies_about_its_length_ends_the_conversation()
    {
        using ModuleBench bench = ModuleBench.At(Stage.Owned, hasContention: false);
        Assert.Equal(TdxStatus.SpdmRequest, FirstOf(bench));
        bench.Memory.Write(bench.Response, [1, 0, 2, 0, 0xFF, 0xFF, 0x03, 0], KeyId.Shared);

        Assert.Equal(TdxStatus.SpdmInvalidMessage, ModuleBench.StatusOf(bench.Tdi.Bind()));
    }

    [Fact]
    public void Nothing_works_before_the_module_is_configured()
    {
        using var memory = new PhysicalMemory(4, seed: 1);
        var module = new Module.TdxModule(memory, new RootPort(1), _ => throw new InvalidOperationException(), _ => null, seed: 1);
        var host = new SeamcallClient(new ListedStatuses(module.Seamcalls));

        Assert.Equal(TdxStatus.SysNotReady, ModuleBench.StatusOf(host.TryMngCreate(memory.AllocatePage(), 1)));
        Assert.Equal(TdxStatus.Success, ModuleBench.StatusOf(host.TrySysConfig(0, 0, (ushort)(module.Options.KeyCount - 1), 0, 0)));
        Assert.Equal(TdxStatus.ConnectInvalidState, ModuleBench.StatusOf(host.TrySpdmDelete(new SpdmId(0), 0, out _)));
    }

    [Fact]
    public void A_VMCALL_shows_just_the_selected_registers()
    {
        using ModuleBench bench = ModuleBench.At(Stage.Td);
        bench.Td.Cpu.Answer = 99;

        bench.Td.Guest.TryVpVmcall((1 << 10) | (1 << 11), 1, 2, 3, 4, 5, 6, out ulong r10, out ulong r11, out ulong r12, out _, out _, out _);

        Assert.Equal((2UL, 0UL), (bench.Td.Cpu.Shown[Register.R11], bench.Td.Cpu.Shown[Register.R12]));
        Assert.Equal((99UL, 99UL, 3UL), (r10, r11, r12));
    }

    /// <summary>Issues BIND once, after new keys where the session wants them.</summary>
    private static TdxStatus FirstOf(ModuleBench bench)
    {
        TdxStatus status = ModuleBench.StatusOf(bench.Tdi.Bind());
        if (status != TdxStatus.SpdmSessionKeyRequireRefresh) return status;
        bench.MustRelay(bench.UpdateKeys);
        return ModuleBench.StatusOf(bench.Tdi.Bind());
    }
}
