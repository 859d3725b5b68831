using TeeIo.Platform.Hardware;
using TeeIo.Sev.Guest;
using TeeIo.Sev.Psp;
using TeeIo.Sev.Rmp;

namespace TeeIo.Sev.Tests.Firmware;

/// <summary>MMIO and DMA of a TDI: what the guest must accept, what the report must have, and what the fences stop.</summary>
public sealed class TrustedAccessTests
{
    private const ulong Page = SpBench.PageSize;

    private static readonly Dictionary<string, (Action<SpBench> Before, Func<SpBench, MmioValidateRsp> Ask, MmioValidateStatus Status)> s_mmio = new()
    {
        ["not assigned"] = (_ => { }, b => b.ValidateMmio(), MmioValidateStatus.NotAssigned),
        ["assigned to another"] = (b => SpBench.Must(b.Rmp(b.Bar, 2, SpBench.MmioGpa, isImmutable: true)), b => b.ValidateMmio(count: 1), MmioValidateStatus.NotAssigned),
        ["not immutable"] = (b => b.AssignMmio(isImmutable: false), b => b.ValidateMmio(), MmioValidateStatus.NotImmutable),
        ["at another address"] = (b => b.AssignMmio(), b => b.ValidateMmio(gpa: SpBench.MmioGpa + Page, count: 4), MmioValidateStatus.NotMapped),
        ["a page further"] = (b => b.AssignMmio(), b => b.ValidateMmio(gpa: SpBench.MmioGpa, offset: 1, count: 4), MmioValidateStatus.NotMapped),
        ["a range that isn't reported"] = (b => b.AssignMmio(), b => b.ValidateMmio(range: 2), MmioValidateStatus.NotReported),
        ["beyond the range"] = (b => b.AssignMmio(), b => b.ValidateMmio(count: 6), MmioValidateStatus.OutOfRange),
        ["far beyond the range"] = (b => b.AssignMmio(), b => b.ValidateMmio(count: uint.MaxValue, offset: uint.MaxValue), MmioValidateStatus.OutOfRange),
        ["an open page"] = (b => b.AssignMmio(), b => b.ValidateMmio(offset: 5, count: 1), MmioValidateStatus.OutOfRange),
        ["no page"] = (b => b.AssignMmio(), b => b.ValidateMmio(count: 0), MmioValidateStatus.OutOfRange),
        ["pages that aren't alike"] = (b => Half(b), b => b.ValidateMmio(), MmioValidateStatus.NotUniform),
        ["pages that aren't alike, by force"] = (b => Half(b), b => b.ValidateMmio(isForced: true), MmioValidateStatus.Success),
        ["all right"] = (b => b.AssignMmio(), b => b.ValidateMmio(), MmioValidateStatus.Success),
    };

    public static TheoryData<string> Mmio => [.. s_mmio.Keys];

    public static TheoryData<string, Sdte, bool> Entries => new()
    {
        { "nothing but its own", new Sdte { V = true, Ir = true, Iw = true, Vmpl = 3, VtomEn = true, Vtom = 0x7FFF_FFFF }, true },
        { "zero", default, true },
        { "a domain", new Sdte { V = true, DomainId = 1 }, false },
        { "an ASID", new Sdte { V = true, Asid = 1 }, false },
        { "a guest id", new Sdte { V = true, GuestIdMbo = true }, false },
        { "a reserved bit", new Sdte { V = true, Reserved0 = 1 }, false },
        { "another reserved bit", new Sdte { V = true, Reserved14 = 1 }, false },
        { "a root port", new Sdte { V = true, RpId = 1 }, false },
        { "page requests", new Sdte { V = true, Ppr = true }, false },
    };

    [Theory]
    [MemberData(nameof(Mmio))]
    public void MMIO_is_accepted_only_where_the_report_and_the_RMP_have_it(string name)
    {
        using SpBench bench = SpBench.At(SpStage.Running);
        s_mmio[name].Before(bench);
        MmioValidateRsp response = s_mmio[name].Ask(bench);
        Assert.Equal(s_mmio[name].Status, response.Status);
        bool isMapped = bench.Sp.WalkPrivate(bench.Cpu.Vm, SpBench.MmioGpa, isWrite: false).Result == PageWalkResult.Mapped;
        Assert.Equal(response.Status is MmioValidateStatus.Success or MmioValidateStatus.NotUniform, isMapped);
    }

    [Fact]
    public void Acceptance_says_whether_it_changed_anything_and_is_taken_back()
    {
        using SpBench bench = SpBench.At(SpStage.Locked);
        bench.AssignMmio();
        Assert.Equal(MmioValidatedFlags.Changed, bench.ValidateMmio().Flags);
        Assert.Equal(MmioValidatedFlags.None, bench.ValidateMmio().Flags);
        Assert.Equal(MmioValidatedFlags.Changed, bench.ValidateMmio(isValidated: false).Flags);
        Assert.Equal(PageWalkResult.Pending, bench.Sp.WalkPrivate(bench.Cpu.Vm, SpBench.MmioGpa, isWrite: false).Result);
    }

    [Theory]
    [MemberData(nameof(Entries))]
    public void An_entry_with_more_than_the_guest_s_own_fields_is_refused(string name, Sdte entry, bool isOwn)
    {
        using SpBench bench = SpBench.At(SpStage.Running);
        Assert.NotEmpty(name);
        Assert.Equal(isOwn ? SdteWriteStatus.Success : SdteWriteStatus.Reserved, bench.WriteSdte(entry));
    }

    [Fact]
    public void DMA_needs_a_running_TDI_and_an_entry_for_its_direction()
    {
        using SpBench bench = SpBench.At(SpStage.Locked);
        SpBench.Must(Write(bench, new Sdte { V = true, Ir = true, Iw = true }));
        Assert.Equal(PageWalkResult.Denied, Dma(bench));
        bench.GoTo(SpStage.Running);
        Assert.Equal(PageWalkResult.Mapped, Dma(bench));
        SpBench.Must(Write(bench, new Sdte { V = true, Ir = true }));
        Assert.Equal(PageWalkResult.Denied, Dma(bench));
        Assert.Equal(PageWalkResult.Mapped, Dma(bench, isWrite: false));
        SpBench.Must(Write(bench, new Sdte { Ir = true, Iw = true }));
        Assert.Equal(PageWalkResult.Denied, Dma(bench));
        SpBench.Must(Write(bench, default));
        Assert.Equal(PageWalkResult.Denied, Dma(bench, isWrite: false));
    }

    [Fact]
    public void Addresses_from_the_virtual_top_of_memory_on_are_not_trusted()
    {
        using SpBench bench = SpBench.At(SpStage.Running);
        SpBench.Must(Write(bench, new Sdte { V = true, Ir = true, Iw = true, VtomEn = true, Vtom = 1 }));
        Assert.Equal(PageWalkResult.Mapped, Dma(bench));
        bench.Tables.Pages[(bench.Cpu.Vm, 0x20_0000)] = bench.Ram;
        Assert.Equal(PageWalkResult.Denied, Dma(bench, gpa: 0x20_0000));
        SpBench.Must(Write(bench, new Sdte { V = true, Ir = true, Iw = true, VtomEn = true, Vtom = 0 }));
        Assert.Equal(PageWalkResult.Denied, Dma(bench));
    }

    [Fact]
    public void DMA_goes_to_accepted_pages_of_its_own_guest_only()
    {
        using SpBench bench = SpBench.At(SpStage.Accepted);
        ulong page = bench.Page();
        bench.Tables.Pages[(bench.Cpu.Vm, 0x30_0000)] = page;
        Assert.Equal(PageWalkResult.Denied, Dma(bench, gpa: 0x30_0000));
        SpBench.Must(bench.Rmp(page, 2, 0x30_0000));
        Assert.Equal(PageWalkResult.Denied, Dma(bench, gpa: 0x30_0000));
        SpBench.Must(bench.Rmp(page, SpBench.Asid, 0x30_0000));
        Assert.Equal(PageWalkResult.Denied, Dma(bench, gpa: 0x30_0000));
        Assert.Equal(AsidFenceDma.NotFenced, bench.Fence().Dma);
        Assert.True(bench.Sp.AcceptPage(bench.Cpu, 0x30_0000));
        Assert.Equal(PageWalkResult.Mapped, Dma(bench, gpa: 0x30_0000));
    }

    [Fact]
    public void A_guest_is_fenced_until_its_first_TDI_runs()
    {
        using SpBench bench = SpBench.At(SpStage.Locked);
        Assert.Equal((AsidFenceDma.Default, AsidFenceMmio.Fenced), (bench.Fence().Dma, bench.Fence().Mmio));
        bench.GoTo(SpStage.Running);
        Assert.Equal((AsidFenceDma.NotFenced, AsidFenceMmio.NotFenced), (bench.Fence().Dma, bench.Fence().Mmio));
    }

    [Fact]
    public void A_host_that_takes_an_accepted_page_while_a_TDI_runs_fences_the_guest()
    {
        using SpBench bench = SpBench.At(SpStage.Accepted);
        SpBench.Must(bench.Rmp(bench.Ram, 0, isAssigned: false));
        Assert.Equal(AsidFenceDma.Error, bench.Fence().Dma);
        Assert.Equal(PageWalkResult.Denied, Dma(bench, gpa: SpBench.SecretsGpa));
        Assert.Equal(PageWalkResult.Denied, bench.Sp.WalkPrivate(bench.Cpu.Vm, SpBench.MmioGpa, isWrite: false).Result);
        Assert.Equal(SevRet.InvalidTdiState, bench.ClearFence());
        bench.MustConverse(() => bench.Unbind());
        Assert.Equal(AsidFenceDma.Error, bench.Fence().Dma);
        SpBench.Must(bench.ClearFence());
        Assert.Equal(AsidFenceDma.NotFenced, bench.Fence().Dma);
    }

    [Fact]
    public void A_page_that_the_guest_gave_up_before_fences_nobody()
    {
        using SpBench bench = SpBench.At(SpStage.Accepted);
        SpBench.Must(new RmpClient(bench.Guest.Rmp).TryPvalidate(SpBench.RamGpa, RmpPageSize.Size4k, false, out _));
        SpBench.Must(bench.Rmp(bench.Ram, 0, isAssigned: false));
        Assert.Equal(AsidFenceDma.NotFenced, bench.Fence().Dma);
    }

    [Fact]
    public void A_DMA_that_misses_an_accepted_page_in_the_host_s_tables_fences_the_guest()
    {
        using SpBench bench = SpBench.At(SpStage.Accepted);
        bench.Tables.Pages.Remove((bench.Cpu.Vm, SpBench.RamGpa));
        Assert.Equal(PageWalkResult.Denied, Dma(bench));
        Assert.Equal(AsidFenceDma.Error, bench.Fence().Dma);
    }

    [Fact]
    public void A_new_guest_of_the_same_ASID_begins_fenced_by_default()
    {
        using SpBench bench = SpBench.At(SpStage.Unbound);
        Assert.Equal(AsidFenceDma.NotFenced, bench.Fence().Dma);
        SpBench.Must(bench.Snp.TryDecommission(new SnpDecommission { GctxPaddr = bench.Gctx }));
        Assert.Equal(AsidFenceDma.Default, bench.Fence().Dma);
    }

    [Fact]
    public void A_new_bind_has_no_entry_and_no_MMIO_of_the_old_one()
    {
        using SpBench bench = SpBench.At(SpStage.Unbound);
        bench.MustConverse(() => bench.Bind());
        bench.MustConverse(() => bench.Bind(isRun: true));
        Assert.Equal(PageWalkResult.Denied, Dma(bench));
        Assert.Equal(PageWalkResult.Pending, bench.Sp.WalkPrivate(bench.Cpu.Vm, SpBench.MmioGpa, isWrite: false).Result);
    }

    private static void Half(SpBench bench)
    {
        bench.AssignMmio();
        Assert.Equal(MmioValidateStatus.Success, bench.ValidateMmio(count: 2).Status);
    }

    private static SevRet Write(SpBench bench, Sdte entry) => bench.WriteSdte(entry) == SdteWriteStatus.Success ? SevRet.Success : SevRet.InvalidParam;

    private static PageWalkResult Dma(SpBench bench, bool isWrite = true, ulong gpa = SpBench.RamGpa) => bench.Sp.WalkTrustedDma(bench.Vf, gpa, isWrite).Result;
}
