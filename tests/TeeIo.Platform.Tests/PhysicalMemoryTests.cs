using TeeIo.Platform.Hardware;

namespace TeeIo.Platform.Tests;

public sealed class PhysicalMemoryTests
{
    private static readonly KeyId s_key = new(3);

    [Fact]
    public void The_host_never_sees_the_plaintext_of_a_private_page()
    {
        using var memory = new PhysicalMemory(4, seed: 1);
        ulong page = memory.AllocatePage();
        byte[] secret = [.. Enumerable.Repeat((byte)0x5A, PhysicalMemory.PageSize)];
        memory.Write(page, secret, s_key);
        byte[] seen = new byte[PhysicalMemory.PageSize];
        memory.Read(page, seen, KeyId.Shared);
        Assert.InRange(seen.Count(b => b == 0x5A), 0, 64);
        Assert.NotEqual(seen[..16], seen[16..32]);
        memory.Read(page, seen, new KeyId(4));
        Assert.NotEqual(secret, seen);
        memory.Read(page, seen, s_key);
        Assert.Equal(secret, seen);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(5, 30)]
    [InlineData(4090, 12)]
    public void A_write_under_a_key_changes_its_own_bytes_only(int offset, int length)
    {
        using var memory = new PhysicalMemory(4, seed: 1);
        ulong page = memory.AllocatePage();
        Assert.Equal(page + PhysicalMemory.PageSize, memory.AllocatePage());
        byte[] expected = [.. Enumerable.Range(0, 2 * PhysicalMemory.PageSize).Select(i => (byte)i)];
        memory.Write(page, expected, s_key);
        byte[] part = [.. Enumerable.Repeat((byte)0xEE, length)];
        part.CopyTo(expected, offset);
        memory.Write(page + (ulong)offset, part, s_key);
        byte[] seen = new byte[expected.Length];
        memory.Read(page, seen, s_key);
        Assert.Equal(expected, seen);
    }

    [Fact]
    public void A_replaced_key_makes_noise_of_what_was_written()
    {
        using var memory = new PhysicalMemory(1, seed: 1);
        ulong page = memory.AllocatePage();
        byte[] secret = new byte[64];
        memory.Write(page, secret, s_key);
        memory.ReplaceKey(s_key);
        byte[] seen = new byte[64];
        memory.Read(page, seen, s_key);
        Assert.NotEqual(secret, seen);
    }

    [Fact]
    public void A_page_is_freed_once_and_comes_back_zeroed()
    {
        using var memory = new PhysicalMemory(1, seed: 1);
        ulong page = memory.AllocatePage();
        memory.Write(page, [1, 2, 3], KeyId.Shared);
        Assert.Equal(0UL, memory.AllocatePage());
        memory.FreePage(page);
        Assert.Throws<ArgumentException>(() => memory.FreePage(page));
        Assert.Equal(page, memory.AllocatePage());
        byte[] seen = new byte[3];
        memory.Read(page, seen, KeyId.Shared);
        Assert.Equal(new byte[3], seen);
    }

    [Fact]
    public void An_address_without_memory_is_a_clear_error()
    {
        using var memory = new PhysicalMemory(1, seed: 1);
        ArgumentOutOfRangeException e = Assert.Throws<ArgumentOutOfRangeException>(() => memory.Read(0x1000, new byte[1], KeyId.Shared));
        Assert.Contains("0x1000", e.Message, StringComparison.Ordinal);
    }
}
