using TeeIo.Platform.Hardware;
using TeeIo.Tdx.Seamcall;
using TeeIo.Tdx.Status;
using TeeIo.Tdx.Tdcall;

namespace TeeIo.Tdx.Tests.Firmware;

/// <summary>Two TDs with a TDI each, of the same name: what belongs to one is out of the other's reach, whatever the host does.</summary>
public sealed class TwoTdTests : IDisposable
{
    private const ulong Gpa = ModuleBench.Gpa;
    private readonly ModuleBench _bench = ModuleBench.At(Stage.Locked, hasContention: false);
    private readonly BenchTd _other;
    private readonly BenchTdi _othersTdi;

    public TwoTdTests()
    {
        _other = _bench.AddTd();
        _other.Make(ModuleBench.KeyOf(1));
        _othersTdi = new BenchTdi(_bench, _other, function: 2, ModuleBench.GuestId, Gpa);
        _othersTdi.Give();
        _othersTdi.Lock();
    }

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void One_TD_gets_no_MMIO_of_the_other_s_TDI()
    {
        Assert.Equal(TdxStatus.MmioTdiOwnerMismatch, Status(_othersTdi.Map(Gpa, _bench.Tdi.Bar)));
        Assert.Equal(TdxStatus.MmioTdiOwnerMismatch, Status(_bench.Tdi.Map(Gpa, _othersTdi.Bar)));
        Assert.Equal(PageWalkResult.NotMapped, _bench.Module.WalkPrivate(_other.Cpu.Vm, Gpa, isWrite: false).Result);
    }

    [Fact]
    public void MMIO_that_one_TDI_owns_is_not_given_to_the_other_and_stays_usable()
    {
        Assert.Equal(TdxStatus.MmioTdiOwnerMismatch, Status(_othersTdi.Own(_bench.Tdi.Bar)));

        _bench.Must(() => _bench.Tdi.Map(Gpa, _bench.Tdi.Bar));
        _bench.Must(() => _bench.Tdi.Accept(Gpa, 1, 0));
    }

    [Fact]
    public void A_TDI_of_the_same_TD_does_not_accept_its_sibling_s_MMIO()
    {
        MustLeave(_othersTdi);
        var siblings = new BenchTdi(_bench, _bench.Td, function: 2, new FunctionId(0x10), Gpa);
        siblings.Give();
        siblings.Lock();
        _bench.Must(() => siblings.Map(Gpa, siblings.Bar));

        Assert.Equal(TdxStatus.MmioTdiOwnerMismatch, Status(_bench.Tdi.Accept(Gpa, 1, 0)));
    }

    [Fact]
    public void DMA_of_one_TD_s_TDI_does_not_go_to_the_other()
    {
        _bench.Tdi.Offer();
        Assert.Equal(TdxStatus.DmarInvalidMappingState, Status(_bench.Tdi.AddDma(DmarLevel.Pasidte, 0, _other.Tdr)));
        foreach (DmarLevel level in new[] { DmarLevel.Cte, DmarLevel.Pde }) _bench.Must(() => _othersTdi.AddDma(level, _bench.Page()));

        Assert.Equal(TdxStatus.OperandInvalid, Status(_othersTdi.AddDma(DmarLevel.Pasidte, 0, _bench.Td.Tdr)));

        _bench.Must(() => _bench.Td.Guest.TryDmarAccept(ModuleBench.GuestId, 0));
        Assert.Equal(TdxStatus.DmarInvalidMappingState, Status(_other.Guest.TryDmarAccept(ModuleBench.GuestId, 0)));
        Assert.Equal(PageWalkResult.Denied, _bench.Module.WalkTrustedDma((ushort)_othersTdi.Id.Value, ModuleBench.BufferGpa, isWrite: true).Result);
        PageWalk walk = _bench.Module.WalkTrustedDma((ushort)_bench.Tdi.Id.Value, ModuleBench.BufferGpa, isWrite: true);
        Assert.Equal(_bench.Module.WalkPrivate(_bench.Td.Cpu.Vm, ModuleBench.BufferGpa, isWrite: true), walk);
        Assert.NotEqual(_bench.Module.WalkPrivate(_other.Cpu.Vm, ModuleBench.BufferGpa, isWrite: true), walk);
    }

    [Fact]
    public void A_TDI_that_one_TD_owns_is_not_created_for_the_other() =>
        Assert.Equal(TdxStatus.TdiInvalidState, Status(new BenchTdi(_bench, _other, function: 1, ModuleBench.GuestId, Gpa).Create(_bench.Page())));

    [Fact]
    public void A_name_means_each_TD_s_own_TDI()
    {
        Assert.NotEqual(_bench.Tdi.SessionId, _othersTdi.SessionId);
        Assert.Equal(TdxStatus.OperandInvalid, Status(_other.Guest.TryTdiStart(ModuleBench.GuestId, _bench.Tdi.SessionId)));
        Assert.Equal(TdxStatus.TdiInvalidState, Status(_bench.Relay(_bench.Tdi.Start)));

        _bench.Must(() => _other.Guest.TryTdiStart(ModuleBench.GuestId, _othersTdi.SessionId));
        Assert.Equal(TdxStatus.TdiInvalidState, Status(_bench.Relay(_bench.Tdi.Start)));
        _bench.MustRelay(_othersTdi.Start);
    }

    [Fact]
    public void A_TD_without_the_TDI_has_no_word_about_it()
    {
        MustLeave(_othersTdi);
        BenchTd third = _bench.AddTd();
        third.Make(ModuleBench.KeyOf(2));

        Assert.Equal(TdxStatus.TdiNotPresent, Status(third.Guest.TryTdiRd(ModuleBench.GuestId, TdiField.GetTdispState, 0, out ulong state)));
        Assert.Equal(0UL, state);
        Assert.Equal(TdxStatus.TdiNotPresent, Status(third.Guest.TryDmarAccept(ModuleBench.GuestId, 0)));
        Assert.Equal(TdxStatus.TdiNotPresent, Status(third.Guest.TryTdiStart(ModuleBench.GuestId, _bench.Tdi.SessionId)));
        Assert.Equal(TdxStatus.TdiNotPresent, Status(third.Guest.TryMmioAccept(PageLevel.Size4k, 1, 0, ModuleBench.GuestId, 1, 0, out _, out _, out _, out _)));
    }

    [Fact]
    public void The_end_of_one_TD_s_bind_leaves_the_other_s_alone()
    {
        _bench.GoTo(Stage.Running);

        MustLeave(_othersTdi);
        _other.Destroy();

        Assert.Equal(Pci.Tdisp.TdiState.Run, _bench.Device.Functions[1].TdiState);
        Assert.Equal(PageWalkResult.Mapped, _bench.Module.WalkPrivate(_bench.Td.Cpu.Vm, Gpa, isWrite: false).Result);
        _bench.GoTo(Stage.Gone);
        _bench.TakeEverythingBack();
        Assert.Equal(0, _bench.PagesInUse);
    }

    private void MustLeave(BenchTdi tdi)
    {
        _bench.MustRelay(tdi.Stop);
        tdi.Remove();
    }

    private static TdxStatus Status(ulong word) => ModuleBench.StatusOf(word);
}
