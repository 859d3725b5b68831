using TeeIo.Tsm;

namespace TeeIo.Tdx.Tests.Drivers;

/// <summary>Host memory that knows of each page whether it is free, in use or in quarantine.</summary>
internal sealed class HostPages : IHostPages
{
    private readonly Dictionary<ulong, byte[]> _inUse = [];
    private ulong _next = 0x1_0000_0000;

    public List<ulong> Quarantined { get; } = [];

    public int InUse => _inUse.Count;

    public ulong Allocate()
    {
        _next += 0x1000;
        _inUse.Add(_next, new byte[0x1000]);
        return _next;
    }

    public void Free(ulong hpa) => Assert.True(_inUse.Remove(hpa), $"page {hpa:x} is freed twice");

    public void Quarantine(ulong hpa, string reason)
    {
        Assert.True(_inUse.Remove(hpa), $"page {hpa:x} isn't in use");
        Quarantined.Add(hpa);
    }

    public void Read(ulong hpa, Span<byte> destination) => _inUse[hpa].AsSpan(..destination.Length).CopyTo(destination);

    public void Write(ulong hpa, ReadOnlySpan<byte> source) => source.CopyTo(_inUse[hpa]);
}
