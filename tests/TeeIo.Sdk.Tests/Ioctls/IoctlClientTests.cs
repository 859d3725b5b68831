using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Linux;
using TeeIo.Linux.Iommufd;
using TeeIo.Linux.Seed202505;

namespace TeeIo.Sdk.Tests.Ioctls;

public class IoctlClientTests
{
    private readonly RecordingDevice _device = new();
    private readonly ReversingIommufd _iommufd = new();

    [Fact]
    public void A_call_reaches_the_server_and_its_answer_comes_back()
    {
        byte[] response = new byte[8];
        byte[] info = new byte[1];
        SeedIommufdClient client = new(new LoopbackTransport(_device, _iommufd), LoopbackTransport.Iommufd);
        uint length = client.VdeviceTsmGuestRequest(new VdeviceId(3), SeedGuestRequestType.Tdxc, info, [1, 2, 3], response);
        Assert.Equal(3u, length);
        Assert.Equal(new byte[] { 3, 2, 1, 0, 0, 0, 0, 0 }, response);
        Assert.Equal(ReversingIommufd.Mark, info[0]);
    }

    [Fact]
    public void An_error_is_a_result_of_the_one_form_and_an_exception_of_the_other()
    {
        _device.Result = Errno.EEXIST;
        SeedVfioDeviceClient client = new(new LoopbackTransport(_device, _iommufd), LoopbackTransport.Device);
        Assert.Equal(Errno.EEXIST, client.TryTsmBind(new VdeviceId(3)).Errno);

        AbiException error = Assert.Throws<AbiException>(() => new SeedVfioDeviceClient(new LoopbackTransport(_device, _iommufd), LoopbackTransport.Device).TsmBind(new VdeviceId(3)));
        Assert.Same(Seed202505Calls.TsmBind, error.Call);
        Assert.Contains("VFIO_DEVICE_TSM_BIND", error.Message, StringComparison.Ordinal);
        Assert.Contains("EEXIST", error.Message, StringComparison.Ordinal);
        Assert.Contains(Seed202505Calls.TsmBind.Explain(error.Outcome)!, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_call_is_a_crossing_on_either_side_with_the_server_below_the_client()
    {
        CrossingLog log = new();
        SeedVfioDeviceClient client = new(new LoopbackTransport(_device, _iommufd, log.Hub), LoopbackTransport.Device, log.Hub);
        client.TsmBind(new VdeviceId(3));
        Assert.Equal([CrossingSide.Client, CrossingSide.Server], log.Crossings.Select(c => c.Side));
        Assert.Equal(["vmm", "vfio"], log.Crossings.Select(c => c.Actor));
        Assert.Same(log.Crossings[0], log.Crossings[1].Parent);
        Assert.All(log.Crossings, c => Assert.True(c.IsSuccess));
    }

    [Fact]
    public void A_call_that_the_injector_drops_looks_like_success_with_nothing_in_it()
    {
        CrossingLog log = new(Injection.Drop);
        byte[] response = [9, 9];
        SeedIommufdClient client = new(new LoopbackTransport(_device, _iommufd), LoopbackTransport.Iommufd, log.Hub);
        Assert.Equal(SysResult.Ok, client.TryVdeviceTsmGuestRequest(new VdeviceId(3), SeedGuestRequestType.Tdxc, out uint length, [], [1, 2], response));
        Assert.Equal(0u, length);
        Assert.Equal(new byte[2], response);
        Assert.Equal(0, _iommufd.Requests);
    }

    [Fact]
    public void A_call_that_nobody_observes_allocates_nothing()
    {
        byte[] response = new byte[8];
        LoopbackTransport transport = new(_device, _iommufd);
        CrossingHub?[] hubs = [null, CrossingHub.Silent];
        foreach (CrossingHub? hub in hubs)
        {
            SeedVfioDeviceClient device = new(transport, LoopbackTransport.Device, hub);
            SeedIommufdClient iommufd = new(transport, LoopbackTransport.Iommufd, hub);
            Run(device, iommufd, response);
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 100; i++) Run(device, iommufd, response);
            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }

    private static void Run(SeedVfioDeviceClient device, SeedIommufdClient iommufd, Span<byte> response)
    {
        _ = device.TryTsmBind(new VdeviceId(3));
        _ = iommufd.TryVdeviceTsmGuestRequest(new VdeviceId(3), SeedGuestRequestType.Tdxc, out _, [], [1, 2, 3], response);
    }
}
