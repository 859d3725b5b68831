using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text;
using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Linux.Kvm;

namespace TeeIo.Sdk.Tests.Linux;

/// <summary>The transport on the kernel that runs the tests.</summary>
[SupportedOSPlatform("linux")]
public sealed class LinuxTransportTests : IDisposable
{
    private static readonly string? s_elsewhere = OperatingSystem.IsLinux() ? null : "this is not Linux";
    private readonly LinuxTransport _linux = new();
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"teeio-{Guid.NewGuid():N}");

    public LinuxTransportTests()
    {
        if (s_elsewhere is { } why) Assert.Skip(why);
        File.WriteAllBytes(_file, new byte[2 * Environment.SystemPageSize]);
    }

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void What_is_not_there_is_ENOENT_and_what_is_closed_is_EBADF()
    {
        Assert.Equal(Errno.ENOENT, _linux.Open(_file + ".none").Errno);
        Fd fd = Open();
        Assert.True(_linux.Close(fd).IsOk);
        Assert.Equal(Errno.EBADF, _linux.Close(fd).Errno);
        Assert.Equal(Errno.EBADF, _linux.Read(fd, 0, new byte[1]).Errno);
        Assert.Equal(Errno.EBADF, _linux.Ioctl(fd, 0, default).Errno);
        Assert.Null(_linux.Map(fd, 0, 1, out Errno error));
        Assert.Equal(Errno.EBADF, error);
    }

    [Fact]
    public void What_one_writes_at_an_offset_others_read_there()
    {
        Fd fd = Open();
        Assert.Equal(4, _linux.Write(fd, 100, [1, 2, 3, 4]).Value);
        byte[] read = new byte[6];
        Assert.Equal(6, _linux.Read(fd, 99, read).Value);
        Assert.Equal([0, 1, 2, 3, 4, 0], read);
        Assert.Equal(0, _linux.Read(fd, 1 << 20, read).Value);
        Assert.True(_linux.Close(fd).IsOk);
    }

    [Fact]
    public void A_mapping_is_the_file_s_and_outlives_the_descriptor()
    {
        Fd fd = Open();
        ulong page = (ulong)Environment.SystemPageSize;
        using UserMemory memory = _linux.Map(fd, page, page, out _)!;
        Assert.True(_linux.Close(fd).IsOk);
        memory.Write(8, [1, 2, 3, 4, 5, 6, 7, 8]);
        memory.Write(21, [9, 10, 11]);
        byte[] bytes = File.ReadAllBytes(_file);
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8], bytes.AsSpan((int)page + 8, 8).ToArray());
        Assert.Equal([9, 10, 11], bytes.AsSpan((int)page + 21, 3).ToArray());
        byte[] read = new byte[4];
        memory.Read(12, read);
        Assert.Equal([5, 6, 7, 8], read);
    }

    [Fact]
    public void An_event_counts_until_it_is_received()
    {
        Fd signal = new((int)LinuxTransport.OpenEvent().Value);
        Assert.Equal(0, LinuxTransport.Wait(signal, TimeSpan.Zero).Value);
        Assert.Equal(8, _linux.Send(signal, BitConverter.GetBytes(2L)).Value);
        Assert.Equal(8, _linux.Send(signal, BitConverter.GetBytes(3L)).Value);
        Assert.Equal(1, LinuxTransport.Wait(signal, TimeSpan.FromSeconds(5)).Value);
        byte[] count = new byte[8];
        Assert.Equal(8, _linux.Receive(signal, count).Value);
        Assert.Equal(5L, BitConverter.ToInt64(count));
        Assert.Equal(0, LinuxTransport.Wait(signal, TimeSpan.Zero).Value);
        Assert.Equal(Errno.EINVAL, _linux.Receive(signal, new byte[1]).Errno);
        Assert.True(_linux.Close(signal).IsOk);
        Assert.Equal(Errno.EBADF, _linux.Receive(signal, count).Errno);
        Assert.Throws<ArgumentOutOfRangeException>(() => LinuxTransport.Wait(signal, TimeSpan.FromSeconds(-1)));
    }

    [Fact]
    public void Memory_without_a_path_is_a_file_of_that_length()
    {
        ulong page = (ulong)Environment.SystemPageSize;
        Fd file = new((int)LinuxTransport.OpenMemory("teeio-test", page + 3).Value);
        using UserMemory memory = _linux.Map(file, 0, page, out _)!;
        memory.Write(5, [7, 8]);
        byte[] read = new byte[8];
        Assert.Equal(8, _linux.Read(file, 0, read).Value);
        Assert.Equal([0, 0, 0, 0, 0, 7, 8, 0], read);
        Assert.Equal(3, _linux.Read(file, page, read).Value);
        Assert.True(_linux.Close(file).IsOk);
        Assert.Throws<ArgumentOutOfRangeException>(() => LinuxTransport.OpenMemory("teeio-test", ulong.MaxValue));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(3)]
    [InlineData(16)]
    public void Memory_gives_back_what_was_written_in_every_width_at_every_alignment(int width)
    {
        using UserMemory memory = _linux.Allocate(64);
        for (ulong offset = 0; offset <= 16; offset++)
        {
            byte[] written = [.. Enumerable.Range(1, width).Select(i => (byte)(i + (int)offset))];
            memory.Write(offset, written);
            byte[] read = new byte[width];
            memory.Read(offset, read);
            Assert.Equal(written, read);
        }
    }

    [Fact]
    public void Memory_ends_where_it_ends_and_is_gone_when_it_is_disposed()
    {
        UserMemory memory = _linux.Allocate(100);
        Assert.Equal(0u, memory.Address % (ulong)Environment.SystemPageSize);
        memory.Write(96, new byte[4]);
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.Write(97, new byte[4]));
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.Read(ulong.MaxValue, new byte[4]));
        memory.Dispose();
        memory.Dispose();
        Assert.Throws<ObjectDisposedException>(() => memory.Write(0, new byte[4]));
    }

    [Fact]
    public void More_memory_than_there_can_be_is_refused_with_what_to_look_at() =>
        Assert.Contains("ulimit", Assert.Throws<InsufficientMemoryException>(() => _linux.Allocate(1UL << 60)).Message, StringComparison.Ordinal);

    // netdevice(7): SIOCGIFCONF takes a length and a pointer, fills the buffer with records of 40 bytes that begin with a name, and corrects the length. Every kernel has it, and "lo".
    [Fact]
    public void A_buffer_that_a_field_points_to_is_filled_and_its_address_is_taken_out_again()
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        byte[] argument = new byte[16];
        byte[] buffer = new byte[40 * 64];
        BitConverter.TryWriteBytes(argument, buffer.Length);
        IoctlFrame frame = new(argument);
        frame.Add(8, buffer);
        SysResult result = _linux.Ioctl(new Fd((int)socket.Handle), 0x8912, frame);
        Assert.True(result.IsOk, result.ToString());
        int length = BitConverter.ToInt32(argument);
        Assert.InRange(length, 40, buffer.Length);
        Assert.Equal(0, length % 40);
        Assert.Contains("lo", Enumerable.Range(0, length / 40).Select(i => Encoding.ASCII.GetString(buffer, 40 * i, 16).TrimEnd('\0')));
        Assert.Equal(0L, BitConverter.ToInt64(argument, 8));
    }

    [Fact]
    public void A_pointer_outside_of_the_argument_is_refused_before_the_kernel_sees_it() => Assert.Throws<ArgumentException>(() =>
    {
        IoctlFrame frame = new(new byte[8]);
        frame.Add(4, new byte[1]);
        _linux.Ioctl(Fd.None, 0, frame);
    });

    [Fact]
    public void An_ioctl_that_a_file_lacks_is_ENOTTY()
    {
        Fd fd = Open();
        Assert.Equal(Errno.ENOTTY, new KvmClient(_linux, fd).TryGetApiVersion().Errno);
        Assert.True(_linux.Close(fd).IsOk);
    }

    [Fact]
    public void Nothing_is_allocated_by_a_call()
    {
        byte[] argument = new byte[8];
        _linux.Ioctl(Fd.None, 0, new IoctlFrame(argument));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++) _linux.Ioctl(Fd.None, 0, new IoctlFrame(argument));
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private Fd Open()
    {
        SysResult result = _linux.Open(_file);
        Assert.True(result.IsOk, result.ToString());
        return new Fd((int)result.Value);
    }
}
