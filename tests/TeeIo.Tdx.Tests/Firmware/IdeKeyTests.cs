using System.Buffers.Binary;
using TeeIo.Pci.ModelDevice;
using TeeIo.Pci.Tdisp;
using TeeIo.Tdx.Seamcall;
using TeeIo.Tdx.Status;
using TeeIo.Tdx.Tdcall;

namespace TeeIo.Tdx.Tests.Firmware;

/// <summary>Keys of the IDE stream under a TDI that runs: a refresh keeps it running, an end of the keys is its end.</summary>
public sealed class IdeKeyTests
{
    [Fact]
    public void A_refresh_keeps_RUN_and_the_traffic_however_often()
    {
        using ModuleBench bench = ModuleBench.At(Stage.Running);
        Assert.Equal((uint)ModelDeviceConstants.Magic, ReadMagic(bench));

        // An even and an odd number of times: two key sets take turns.
        for (int i = 0; i < 3; i++)
        {
            bench.MustRelay(() => bench.Session.ManageKeys(IdeKmOp.Refresh));

            Assert.Equal(TdiState.Run, bench.Device.Functions[1].TdiState);
            Assert.Equal((uint)ModelDeviceConstants.Magic, ReadMagic(bench));
        }

        bench.Tdi.Read(TdiField.GetTdispState, 0, out ulong state);
        Assert.Equal(TdiState.Run, (TdiState)state);
    }

    [Fact]
    public void A_life_with_refreshed_keys_gives_every_page_back()
    {
        using ModuleBench bench = ModuleBench.At(Stage.Running);
        bench.MustRelay(() => bench.Session.ManageKeys(IdeKmOp.Refresh));

        bench.GoTo(Stage.Gone);
        bench.TakeEverythingBack();

        Assert.Equal(0, bench.PagesInUse);
    }

    [Fact]
    public void Stopped_keys_put_a_running_TDI_into_ERROR_and_the_module_learns_of_it()
    {
        using ModuleBench bench = ModuleBench.At(Stage.Running);

        bench.MustRelay(() => bench.Session.ManageKeys(IdeKmOp.Stop));

        Assert.Equal(TdiState.Error, bench.Device.Functions[1].TdiState);
        byte state = 0;
        bench.MustRelay(() => bench.Model.TryTdiGetState(bench.Vf, bench.Response, bench.Request, out _, out state));
        Assert.Equal(TdiState.Error, (TdiState)state);
        Assert.NotEqual((uint)ModelDeviceConstants.Magic, ReadMagic(bench));
    }

    [Fact]
    public void Keys_that_were_stopped_are_not_refreshed()
    {
        using ModuleBench bench = ModuleBench.At(Stage.Connected, hasContention: false);
        bench.MustRelay(() => bench.Session.ManageKeys(IdeKmOp.Stop));

        Assert.Equal(TdxStatus.IdeStreamInvalidState, ModuleBench.StatusOf(bench.Session.ManageKeys(IdeKmOp.Refresh)));
    }

    [Fact]
    public void A_blocked_stream_passes_no_traffic()
    {
        using ModuleBench bench = ModuleBench.At(Stage.Running);

        bench.Must(() => bench.Host.TryIdeStreamBlock(bench.Session.Spdm, bench.Session.Stream));

        Assert.NotEqual((uint)ModelDeviceConstants.Magic, ReadMagic(bench));
    }

    /// <summary>Reads the first register of the TDI with the T bit, as private MMIO does.</summary>
    private static uint ReadMagic(ModuleBench bench)
    {
        byte[] bytes = new byte[sizeof(uint)];
        bench.Device.Functions[1].Read((ulong)ModelRegister.Magic, bytes, tee: true);
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }
}
