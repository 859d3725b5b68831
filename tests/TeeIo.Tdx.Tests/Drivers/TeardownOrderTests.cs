using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Tdx.Flow;
using TeeIo.Tdx.Seamcall;

namespace TeeIo.Tdx.Tests.Drivers;

/// <summary>Invariant 4 finds each wrong order and nothing in the right one.</summary>
public class TeardownOrderTests
{
    private const ulong Mmio = 0x8000_0000;
    private const ulong Page = 0x4000_0000 / 0x1000;
    private static readonly HostFunctionId _tdi = new(0x101);
    private static readonly TdrId _td = new(0x5000);
    private readonly InvariantMonitor _monitor = new(new TeardownOrder());
    private readonly SeamcallClient _calls;
    private readonly SeamcallModelClient _model;

    public TeardownOrderTests()
    {
        var hub = new CrossingHub([_monitor]);
        _calls = new SeamcallClient(new Yes(), hub);
        _model = new SeamcallModelClient(new Yes(), hub);
        _model.TryTdimtAdd(0, _tdi, 0x6000);
        _model.TryTdiCreate(0, 3, _tdi, _td, 0x7000, 0);
        _model.TryMmiomtSet(0, Mmio / 0x1000, MmiomtType.Data, _tdi);
        _model.TryTdiBind(_tdi, 0, 0, 0, out _);
        _model.TryMmioMap(0, Page, _td, Mmio, out _, out _, out _);
        _model.TryDmarAdd(DmarLevel.Pasidte, 0, 0x101, 0, _td.Value, 0, 0, 0, 0, 0, 0, 0, 0);
    }

    [Fact]
    public void The_right_order_violates_nothing()
    {
        Stop();
        BlockMmio();
        TrackMmio();
        UnmapMmio();
        BlockDma();
        InvalidateDma();
        RemoveDma();
        Remove();
        Assert.Empty(Check());
    }

    [Fact]
    public void Blocking_before_the_device_stops_is_found()
    {
        BlockMmio();
        BlockDma();
        Assert.Equal(2, Check().Count);
    }

    [Fact]
    public void A_blocked_stream_is_as_good_as_a_stop()
    {
        _calls.TryIdeStreamBlock(new SpdmId(7), new StreamId(3));
        BlockMmio();
        BlockDma();
        Assert.Empty(Check());
    }

    [Fact]
    public void Unmapping_without_tracking_is_found()
    {
        Stop();
        BlockMmio();
        UnmapMmio();
        Assert.Contains("unmapped", Assert.Single(Check()), StringComparison.Ordinal);
    }

    [Fact]
    public void Tracking_before_blocking_does_not_count()
    {
        Stop();
        TrackMmio();
        BlockMmio();
        UnmapMmio();
        Assert.Single(Check());
    }

    [Fact]
    public void Removing_a_DMA_entry_that_is_not_invalidated_is_found()
    {
        Stop();
        BlockDma();
        RemoveDma();
        Assert.Contains("invalidated", Assert.Single(Check()), StringComparison.Ordinal);
    }

    [Fact]
    public void Removing_a_TDI_with_mapped_MMIO_is_found()
    {
        Stop();
        Remove();
        Assert.Contains("mapped", Assert.Single(Check()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_metadata_page_that_goes_back_before_the_TDI_is_found()
    {
        Stop();
        _calls.TryPhymemPageWbinvd(0x7000);
        Assert.Contains("metadata", Assert.Single(Check()), StringComparison.Ordinal);
    }

    private List<string> Check() => [.. _monitor.Violations.Select(v => v.What)];

    private void Stop() => _model.TryTdiStop(_tdi, 0, 0, out _);

    private void BlockMmio() => _model.TryMmioBlock(0, Page, _td, out _, out _, out _);

    private void TrackMmio()
    {
        _calls.TryMemTrack(_td);
        _model.TryIqInvRequest(new IommuId(0), InvType.Iotlb, _td.Value, 0, 0, 0, 0);
        _model.TryIqInvProcess(new IommuId(0));
    }

    private void UnmapMmio() => _model.TryMmioUnmap(0, Page, _td, out _, out _, out _, out _);

    private void BlockDma() => _model.TryDmarBlock(DmarLevel.Pasidte, 0, 0x101, 0);

    private void InvalidateDma()
    {
        _model.TryIqInvRequest(new IommuId(0), InvType.Pasidte, 0x101, 0, 0, 0, 0);
        _model.TryIqInvProcess(new IommuId(0));
    }

    private void RemoveDma() => _model.TryDmarRemove(DmarLevel.Pasidte, 0, 0x101, 0, out _);

    private void Remove() => _model.TryTdiRemove(_tdi, out _);

    /// <summary>A module that agrees to everything.</summary>
    private sealed class Yes : ModelRegisterTransport
    {
        public override void Call(CallInfo call, ref RegisterFile registers) => registers[Register.Rax] = 0;
    }
}
