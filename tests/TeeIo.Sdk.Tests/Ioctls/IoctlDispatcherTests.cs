using System.Buffers.Binary;
using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Linux;
using TeeIo.Linux.Seed202505;

namespace TeeIo.Sdk.Tests.Ioctls;

/// <summary>What a server's side does with bytes that no well-behaved client sends. The requests and layouts are written out: 122 and 123 of type ';', a size at 0, flags at 4, an id at 8.</summary>
public class IoctlDispatcherTests
{
    private const uint Bind = 0x3B7A;
    private const uint GuestRequest = 0x3B94;
    private const int RespLenAt = 20;
    private readonly RecordingDevice _device = new();

    [Fact]
    public void An_argument_of_the_size_that_the_server_knows_passes()
    {
        Assert.Equal(SysResult.Ok, Dispatch([16, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0]));
        Assert.Equal(7u, _device.LastVdevice.Value);
    }

    [Fact]
    public void A_size_below_the_minimum_is_EINVAL() => Refused(Errno.EINVAL, [11, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0]);

    [Fact]
    public void A_size_above_the_memory_is_EFAULT() => Refused(Errno.EFAULT, [16, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0]);

    [Fact]
    public void A_huge_size_is_EFAULT() => Refused(Errno.EFAULT, [0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0]);

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void Memory_without_room_for_a_size_is_EFAULT(int length) => Refused(Errno.EFAULT, new byte[length]);

    [Fact]
    public void A_tail_that_is_not_zero_is_E2BIG() => Refused(Errno.E2BIG, [20, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);

    [Fact]
    public void A_tail_of_zeroes_passes() => Assert.Equal(SysResult.Ok, Dispatch([20, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]));

    [Fact]
    public void Bytes_beyond_the_stated_size_are_nobodys_business() => Assert.Equal(SysResult.Ok, Dispatch([16, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 9, 9]));

    [Fact]
    public void A_shorter_argument_of_an_older_client_passes()
    {
        Assert.Equal(SysResult.Ok, Dispatch([12, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0]));
        Assert.Equal(7u, _device.LastVdevice.Value);
    }

    [Fact]
    public void A_reserved_field_that_is_not_zero_is_refused() => Refused(Errno.EINVAL, [16, 0, 0, 0, 1, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0]);

    [Fact]
    public void An_unknown_request_is_ENOTTY()
    {
        Assert.Equal((SysResult)Errno.ENOTTY, SeedVfioDeviceDispatcher.Dispatch(_device, null, Bind + 2, new IoctlFrame(new byte[16])));
        Assert.True(SeedVfioDeviceDispatcher.Handles(Bind));
        Assert.False(SeedVfioDeviceDispatcher.Handles(Bind + 2));
    }

    [Fact]
    public void A_count_without_memory_is_EFAULT()
    {
        byte[] argument = new byte[48];
        argument[0] = 48;
        argument[RespLenAt] = 4;
        ReversingIommufd server = new();
        Assert.Equal((SysResult)Errno.EFAULT, SeedIommufdDispatcher.Dispatch(server, null, GuestRequest, new IoctlFrame(argument)));
        Assert.Equal(0, server.Requests);
    }

    [Fact]
    public void A_server_sees_no_more_of_a_buffer_than_its_count_says()
    {
        byte[] argument = new byte[48];
        argument[0] = 48;
        argument[16] = 2;
        argument[RespLenAt] = 2;
        byte[] response = new byte[8];
        IoctlFrame frame = new(argument);
        frame.Add(32, new byte[] { 1, 2, 3, 4 });
        frame.Add(40, response);
        Assert.Equal(SysResult.Ok, SeedIommufdDispatcher.Dispatch(new ReversingIommufd(), null, GuestRequest, frame));
        Assert.Equal(new byte[] { 2, 1, 0, 0, 0, 0, 0, 0 }, response);
        Assert.Equal(2u, BinaryPrimitives.ReadUInt32LittleEndian(argument.AsSpan(RespLenAt)));
    }

    [Fact]
    public void A_call_that_the_injector_drops_gives_success_and_zeroed_outputs()
    {
        byte[] argument = new byte[48];
        argument[0] = 48;
        argument[RespLenAt] = 4;
        byte[] response = [9, 9, 9, 9];
        IoctlFrame frame = new(argument);
        frame.Add(40, response);
        ReversingIommufd server = new();
        CrossingLog log = new(Injection.Drop, CrossingSide.Server);
        Assert.Equal(SysResult.Ok, SeedIommufdDispatcher.Dispatch(server, log.Hub, GuestRequest, frame));
        Assert.Equal(0, server.Requests);
        Assert.Equal(new byte[4], response);
        Assert.Equal(0, argument[RespLenAt]);
        Assert.False(log.Crossings.Single().Entered);
    }

    [Fact]
    public void A_call_that_the_injector_fails_gives_its_errno_and_does_not_reach_the_server()
    {
        CrossingLog log = new(Injection.Fail(((SysResult)Errno.EIO).Raw), CrossingSide.Server);
        byte[] argument = [16, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0];
        Assert.Equal((SysResult)Errno.EIO, SeedVfioDeviceDispatcher.Dispatch(_device, log.Hub, Bind, new IoctlFrame(argument)));
        Assert.Equal(0, _device.Binds);
    }

    private SysResult Dispatch(byte[] argument) => SeedVfioDeviceDispatcher.Dispatch(_device, null, Bind, new IoctlFrame(argument));

    private void Refused(Errno errno, byte[] argument)
    {
        byte[] before = [.. argument];
        Assert.Equal((SysResult)errno, Dispatch(argument));
        Assert.Equal(0, _device.Binds);
        Assert.Equal(before, argument);
    }
}
