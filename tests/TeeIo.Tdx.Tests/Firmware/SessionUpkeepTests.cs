using System.Security.Cryptography;
using TeeIo.Pci.Tdisp;
using TeeIo.Tdx.Module;
using TeeIo.Tdx.Seamcall;
using TeeIo.Tdx.Status;
using TeeIo.Tdx.Tdcall;

namespace TeeIo.Tdx.Tests.Firmware;

/// <summary>What keeps a session alive while its TDIs are at work: heartbeats, new keys, and the device information collected anew.</summary>
public sealed class SessionUpkeepTests
{
    [Theory]
    [InlineData(nameof(Stage.Owned))]
    [InlineData(nameof(Stage.Locked))]
    [InlineData(nameof(Stage.Running))]
    public void The_guest_reads_the_hash_of_the_device_information_that_the_host_got(string stage)
    {
        using ModuleBench bench = ModuleBench.At(Enum.Parse<Stage>(stage));

        Assert.NotEmpty(bench.Session.DeviceInfo);
        Assert.Equal(SHA384.HashData(bench.Session.DeviceInfo), ReadInfoHash(bench));
    }

    [Fact]
    public void Information_that_is_collected_again_comes_from_the_device_and_has_the_hash_that_the_guest_reads()
    {
        using ModuleBench bench = ModuleBench.At(Stage.Locked);
        byte[] before = bench.Session.DeviceInfo;
        bench.Turns.Clear();

        bench.Session.Recollect();

        Assert.Contains(TdxStatus.SpdmRequest, bench.Turns);
        Assert.Equal(before.Length, bench.Session.DeviceInfo.Length);
        Assert.Equal(SHA384.HashData(bench.Session.DeviceInfo), ReadInfoHash(bench));
    }

    [Fact]
    public void Upkeep_of_the_session_keeps_RUN()
    {
        using ModuleBench bench = ModuleBench.At(Stage.Running);

        bench.MustRelay(() => bench.Session.Manage(SpdmMngOp.Heartbeat));
        bench.MustRelay(bench.UpdateKeys);
        bench.Session.Recollect();

        Assert.Equal(TdiState.Run, bench.Device.Functions[1].TdiState);
        Assert.Equal(TdxStatus.Success, ModuleBench.StatusOf(bench.Tdi.Read(TdiField.GetTdispState, 0, out ulong state)));
        Assert.Equal(TdiState.Run, (TdiState)state);
    }

    [Fact]
    public void Heartbeats_use_the_keys_up_and_new_keys_let_them_go_on()
    {
        using var bench = new ModuleBench(new TdxModuleOptions { HasContention = false, RecordsPerKey = 3 });
        bench.GoTo(Stage.Connected);
        bench.MustRelay(bench.UpdateKeys);
        for (int i = 0; i < bench.Module.Options.RecordsPerKey; i++) bench.MustRelay(() => bench.Session.Manage(SpdmMngOp.Heartbeat));

        Assert.Equal(TdxStatus.SpdmSessionKeyRequireRefresh, ModuleBench.StatusOf(bench.Session.Manage(SpdmMngOp.Heartbeat)));

        bench.MustRelay(bench.UpdateKeys);
        Assert.Equal(TdxStatus.SpdmRequest, ModuleBench.StatusOf(bench.Session.Manage(SpdmMngOp.Heartbeat)));
    }

    [Theory]
    [InlineData(SpdmMngOp.Heartbeat, true)]
    [InlineData(SpdmMngOp.KeyUpdate, true)]
    [InlineData(SpdmMngOp.DevInfoRecollect, false)]
    [InlineData((SpdmMngOp)3, false)]
    public void Output_where_none_belongs_none_where_some_does_and_unknown_operations_are_invalid_operands(SpdmMngOp op, bool hasOutput)
    {
        using ModuleBench bench = ModuleBench.At(Stage.Connected, hasContention: false);

        Assert.Equal(TdxStatus.OperandInvalid, ModuleBench.StatusOf(bench.Session.Manage(op, hasOutput ? FirmwareMachine.Single(bench.Page()) : SeamcallConstants.NoPage)));
    }

    [Fact]
    public void A_session_that_ended_has_no_heartbeat()
    {
        using ModuleBench bench = ModuleBench.At(Stage.Disconnected, hasContention: false);
        Assert.Equal(TdxStatus.SpdmEntryNotPresent, ModuleBench.StatusOf(bench.Session.Manage(SpdmMngOp.Heartbeat)));
        bench.Must(() => bench.Host.TrySpdmCreate(bench.Pf, bench.Several(bench.Page(), bench.Pages(bench.Module.Options.SpdmPages)), out _));

        Assert.Equal(TdxStatus.SpdmInvalidState, ModuleBench.StatusOf(bench.Session.Manage(SpdmMngOp.Heartbeat)));
    }

    private static byte[] ReadInfoHash(ModuleBench bench)
    {
        Assert.Equal(TdxStatus.Success, ModuleBench.StatusOf(bench.Tdi.Read(TdiField.GetDeviceAttestationInfoHash, ModuleBench.BufferGpa, out ulong length)));
        return bench.Td.ReadBuffer((int)length);
    }
}
