using System.Buffers.Binary;
using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Linux.Seed202505;
using TeeIo.Linux.Vfio;

namespace TeeIo.Sdk.Tests.Ioctls;

/// <summary>A caller that changes its memory while its call runs: the server sees what was there first. The records are written out: a feature's size at 0, flags at 4, region at 8,
/// open flags at 12, reserved at 16, count at 20, ranges of 16 bytes from 24; a guest request of 48 bytes with its lengths at 16 and 20 and its pointers at 32 and 40.</summary>
public class DoubleFetchTests
{
    private const uint Feature = 0x3B75;
    private const uint DmaBufGet = 0x1000B;
    private const uint GuestRequest = 0x3B94;

    [Theory]
    [InlineData(4)]
    [InlineData(5000)]
    public void A_server_sees_the_bytes_that_a_pointer_led_to_when_the_call_began(int length)
    {
        byte[] request = [.. Enumerable.Range(0, length).Select(i => (byte)i)];
        byte[] expected = [.. request.Reverse()];
        byte[] response = new byte[length];
        IoctlFrame frame = new(Request(length));
        frame.Add(32, request);
        frame.Add(40, response);
        MemoryChanger changer = new(() => Array.Fill(request, (byte)0xEE));

        Assert.Equal(SysResult.Ok, SeedIommufdDispatcher.Dispatch(new ReversingIommufd(), changer.Hub, GuestRequest, frame));

        Assert.Equal(expected, response);
        Assert.All(request, b => Assert.Equal(0xEE, b));
    }

    [Fact]
    public void A_buffer_is_written_when_the_server_is_done_whatever_the_caller_did_to_it()
    {
        byte[] response = new byte[4];
        IoctlFrame frame = new(Request(4));
        frame.Add(32, new byte[] { 1, 2, 3, 4 });
        frame.Add(40, response);
        MemoryChanger changer = new(() => Array.Fill(response, (byte)0xEE));

        SeedIommufdDispatcher.Dispatch(new ReversingIommufd(), changer.Hub, GuestRequest, frame);

        Assert.Equal(new byte[] { 4, 3, 2, 1 }, response);
    }

    [Fact]
    public void A_sub_call_is_copied_once_with_the_record_that_chose_it_and_the_ranges_behind_it()
    {
        byte[] argument = DmaBuf();
        DmaBufDevice device = new();
        MemoryChanger changer = new(() => Array.Fill(argument, (byte)0xEE));

        Assert.Equal(5, VfioDeviceDispatcher.Dispatch(device, changer.Hub, Feature, new IoctlFrame(argument)).Value);

        Assert.Equal((2u, 2u), ((uint)device.Asked.RegionIndex, device.Asked.NrRanges));
        Assert.Equal([(0x1000UL, 0x2000UL), (0x5000UL, 0x1000UL)], device.Ranges.Select(r => (r.Offset, r.Length)));
    }

    [Theory]
    [InlineData(23, Errno.EINVAL)]
    [InlineData(24, Errno.EINVAL)]
    [InlineData(39, Errno.EINVAL)]
    [InlineData(57, Errno.EFAULT)]
    public void A_sub_call_whose_size_does_not_fit_is_refused(uint size, Errno errno)
    {
        byte[] argument = DmaBuf();
        BinaryPrimitives.WriteUInt32LittleEndian(argument, size);
        DmaBufDevice device = new();

        Assert.Equal((SysResult)errno, VfioDeviceDispatcher.Dispatch(device, null, Feature, new IoctlFrame(argument)));
        Assert.Empty(device.Ranges);
    }

    [Fact]
    public void What_follows_a_carriers_record_is_copied_in_and_out()
    {
        byte[] argument = [12, 0, 0, 0, 1, 0, 1, 0, 1, 2, 3, 4, 9];
        MemoryChanger changer = new(() => Array.Fill(argument, (byte)0xEE));

        VfioDeviceDispatcher.Dispatch(new DmaBufDevice(), changer.Hub, Feature, new IoctlFrame(argument));

        Assert.Equal(new byte[] { 12, 0, 0, 0, 1, 0, 1, 0, 4, 3, 2, 1, 0xEE }, argument);
    }

    [Fact]
    public void Copies_allocate_nothing()
    {
        byte[] argument = Request(5000);
        byte[] request = new byte[5000];
        byte[] response = new byte[5000];
        ReversingIommufd server = new();
        Call(argument, request, response, server);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++) Call(argument, request, response, server);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static void Call(byte[] argument, byte[] request, byte[] response, ReversingIommufd server)
    {
        IoctlFrame frame = new(argument);
        frame.Add(32, request);
        frame.Add(40, response);
        SeedIommufdDispatcher.Dispatch(server, null, GuestRequest, frame);
    }

    private static byte[] Request(int length)
    {
        byte[] argument = new byte[48];
        argument[0] = 48;
        BinaryPrimitives.WriteInt32LittleEndian(argument.AsSpan(16), length);
        BinaryPrimitives.WriteInt32LittleEndian(argument.AsSpan(20), length);
        return argument;
    }

    private static byte[] DmaBuf()
    {
        byte[] argument = new byte[56];
        argument[0] = 56;
        BinaryPrimitives.WriteUInt32LittleEndian(argument.AsSpan(4), DmaBufGet);
        argument[8] = 2;
        argument[20] = 2;
        ulong[] ranges = [0x1000, 0x2000, 0x5000, 0x1000];
        for (int i = 0; i < ranges.Length; i++) BinaryPrimitives.WriteUInt64LittleEndian(argument.AsSpan(24 + (8 * i)), ranges[i]);
        return argument;
    }
}
