using TeeIo.Platform.Hardware;
using TeeIo.Sev.Psp;
using TeeIo.Sev.Rmp;

namespace TeeIo.Sev.Tests.Firmware;

/// <summary>The reverse map table: what the host may change, what a guest may accept, and what walks make of it.</summary>
public sealed class RmpTests
{
    private const ulong Gpa = 0x30_0000;

    [Fact]
    public void An_immutable_entry_is_not_the_host_s_to_change_until_it_is_reclaimed()
    {
        using SpBench bench = SpBench.At(SpStage.Booted);
        ulong page = bench.FirmwarePage();
        Assert.Equal(RmpResult.FailPermission, bench.Rmp(page, 0, isAssigned: false));
        SpBench.Must(bench.Snp.TryPageReclaim(new SnpPageReclaim { Paddr = new(page) }));
        Assert.Equal(RmpResult.Success, bench.Rmp(page, 0, isAssigned: false));
    }

    [Theory]
    [InlineData(8, 0, RmpResult.FailInput)]
    [InlineData(0, 8, RmpResult.FailInput)]
    [InlineData(-0x1_0000_0000, 0, RmpResult.FailInput)]
    public void An_address_that_is_not_a_page_s_is_refused(long hpaOffset, ulong gpa, RmpResult status)
    {
        using SpBench bench = SpBench.At(SpStage.Booted);
        Assert.Equal(status, bench.Rmp((ulong)((long)bench.Page() + hpaOffset), 1, gpa));
    }

    [Fact]
    public void Entries_of_2_MiB_overlap_and_cannot_be_split()
    {
        using SpBench bench = SpBench.At(SpStage.Booted);
        Assert.Equal(RmpResult.FailOverlap, bench.Host.TryRmpupdate(bench.Page(), 0, new RmpAttributes { Assigned = true, Asid = 1, Pagesize = RmpPageSize.Size2m }));
        Assert.Equal(RmpResult.FailInput, bench.Host.TryPsmash(bench.Page()));
    }

    [Fact]
    public void A_shared_page_has_no_owner_and_no_ASID_is_too_high()
    {
        using SpBench bench = SpBench.At(SpStage.Booted);
        Assert.Equal(RmpResult.FailInput, bench.Rmp(bench.Page(), 1, isAssigned: false));
        Assert.Equal(RmpResult.FailInput, bench.Rmp(bench.Page(), 0, isAssigned: false, isImmutable: true));
        Assert.Equal(RmpResult.FailInput, bench.Rmp(bench.Page(), 16));
    }

    [Fact]
    public void Neither_side_has_the_other_s_instructions()
    {
        using SpBench bench = SpBench.At(SpStage.Guest);
        var guest = new RmpClient(bench.Guest.Rmp);
        Assert.Equal(RmpResult.FailPermission, guest.TryRmpupdate(bench.Ram, SpBench.RamGpa, default));
        Assert.Equal(RmpResult.FailPermission, guest.TryPsmash(bench.Ram));
        Assert.Equal(RmpResult.FailPermission, bench.Host.TryPvalidate(SpBench.RamGpa, RmpPageSize.Size4k, true, out _));
        Assert.Equal(RmpResult.FailPermission, bench.Host.TryRmpadjust(SpBench.RamGpa, RmpPageSize.Size4k, 1, RmpPermissions.Read, false));
    }

    [Fact]
    public void A_page_is_mapped_when_assigned_at_its_address_and_accepted()
    {
        using SpBench bench = SpBench.At(SpStage.Guest);
        Assert.Equal(PageWalkResult.NotMapped, Walk(bench, Gpa));
        ulong page = bench.Page();
        bench.Tables.Pages[(bench.Cpu.Vm, Gpa)] = page;
        Assert.Equal(PageWalkResult.NotMapped, Walk(bench, Gpa));
        SpBench.Must(bench.Rmp(page, SpBench.Asid, Gpa + 0x1000));
        Assert.Equal(PageWalkResult.Denied, Walk(bench, Gpa));
        SpBench.Must(bench.Rmp(page, 2, Gpa));
        Assert.Equal(PageWalkResult.Denied, Walk(bench, Gpa));
        SpBench.Must(bench.Rmp(page, SpBench.Asid, Gpa));
        Assert.Equal(PageWalkResult.Pending, Walk(bench, Gpa));
        Assert.True(bench.Sp.AcceptPage(bench.Cpu, Gpa + 0x10));
        Assert.Equal(PageWalkResult.Mapped, Walk(bench, Gpa));
        SpBench.Must(bench.Rmp(page, SpBench.Asid, Gpa));
        Assert.Equal(PageWalkResult.Pending, Walk(bench, Gpa));
    }

    [Fact]
    public void Two_addresses_do_not_share_a_page()
    {
        using SpBench bench = SpBench.At(SpStage.Guest);
        bench.Tables.Pages[(bench.Cpu.Vm, Gpa)] = bench.Ram;
        Assert.Equal(PageWalkResult.Denied, Walk(bench, Gpa));
    }

    [Fact]
    public void PVALIDATE_says_what_it_changed_and_takes_it_back()
    {
        using SpBench bench = SpBench.At(SpStage.Guest);
        var guest = new RmpClient(bench.Guest.Rmp);
        SpBench.Must(guest.TryPvalidate(SpBench.RamGpa, RmpPageSize.Size4k, true, out bool unchanged));
        Assert.True(unchanged);
        SpBench.Must(guest.TryPvalidate(SpBench.RamGpa, RmpPageSize.Size4k, false, out unchanged));
        Assert.False(unchanged);
        Assert.Equal(PageWalkResult.Pending, Walk(bench, SpBench.RamGpa));
        Assert.Equal(RmpResult.FailSizemismatch, guest.TryPvalidate(SpBench.RamGpa, RmpPageSize.Size2m, true, out _));
        Assert.Equal(RmpResult.FailInput, guest.TryPvalidate(SpBench.RamGpa + 8, RmpPageSize.Size4k, true, out _));
        Assert.Equal(RmpResult.FailInput, guest.TryPvalidate(SpBench.RamGpa, (RmpPageSize)2, true, out _));
    }

    [Fact]
    public void PVALIDATE_leaves_the_guest_until_the_host_has_mapped_the_page()
    {
        using SpBench bench = SpBench.At(SpStage.Guest);
        var guest = new RmpClient(bench.Guest.Rmp);
        Assert.Equal(RmpResult.FailInput, guest.TryPvalidate(Gpa, RmpPageSize.Size4k, true, out _));
        ulong page = bench.Page();
        bench.Cpu.OnFault = gpa =>
        {
            bench.Tables.Pages[(bench.Cpu.Vm, gpa)] = page;
            return bench.Rmp(page, SpBench.Asid, gpa) == RmpResult.Success;
        };
        SpBench.Must(guest.TryPvalidate(Gpa, RmpPageSize.Size4k, true, out bool unchanged));
        Assert.False(unchanged);
        Assert.Equal(2, bench.Cpu.Faults.Count);
    }

    [Fact]
    public void A_host_that_only_claims_to_have_mapped_a_page_does_not_hold_the_guest_for_ever()
    {
        using SpBench bench = SpBench.At(SpStage.Guest);
        bench.Cpu.OnFault = _ => true;
        Assert.False(bench.Sp.AcceptPage(bench.Cpu, Gpa));
        Assert.InRange(bench.Cpu.Faults.Count, 2, 64);
    }

    [Fact]
    public void RMPADJUST_is_for_less_privileged_levels_and_accepted_pages()
    {
        using SpBench bench = SpBench.At(SpStage.Guest);
        var guest = new RmpClient(bench.Guest.Rmp);
        SpBench.Must(guest.TryRmpadjust(SpBench.RamGpa, RmpPageSize.Size4k, 1, RmpPermissions.Read, false));
        Assert.Equal(RmpResult.FailPermission, guest.TryRmpadjust(SpBench.RamGpa, RmpPageSize.Size4k, 0, RmpPermissions.Read, false));
        Assert.Equal(RmpResult.FailInput, guest.TryRmpadjust(SpBench.RamGpa, RmpPageSize.Size4k, 4, RmpPermissions.Read, false));
        SpBench.Must(guest.TryPvalidate(SpBench.RamGpa, RmpPageSize.Size4k, false, out _));
        Assert.Equal(RmpResult.FailInput, guest.TryRmpadjust(SpBench.RamGpa, RmpPageSize.Size4k, 1, RmpPermissions.Read, false));
    }

    [Fact]
    public void A_VM_without_a_guest_or_before_its_launch_is_over_reaches_nothing()
    {
        using SpBench bench = SpBench.At(SpStage.Guest);
        bench.Tables.Pages[(bench.OtherCpu.Vm, SpBench.RamGpa)] = bench.Ram;
        Assert.Equal(PageWalkResult.Denied, bench.Sp.WalkPrivate(bench.OtherCpu.Vm, SpBench.RamGpa, isWrite: false).Result);
        bench.OtherContext = bench.FirmwarePage();
        SpBench.Must(bench.Snp.TryGctxCreate(new SnpGctxCreate { GctxPaddr = new(bench.OtherContext.Value) }));
        Assert.Equal(PageWalkResult.Denied, bench.Sp.WalkPrivate(bench.OtherCpu.Vm, SpBench.RamGpa, isWrite: false).Result);
    }

    private static PageWalkResult Walk(SpBench bench, ulong gpa) => bench.Sp.WalkPrivate(bench.Cpu.Vm, gpa, isWrite: false).Result;
}
