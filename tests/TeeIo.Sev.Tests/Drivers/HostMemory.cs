using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Sev.Rmp;
using TeeIo.Tsm;

namespace TeeIo.Sev.Tests.Drivers;

/// <summary>Host memory with a reverse map table: knows of each page whether it is free, in use or in quarantine, and whose it is. The host writes and frees only what is its own.</summary>
internal sealed class HostMemory : RegisterTransport<RmpRegisters>, IHostPages
{
    private readonly Dictionary<ulong, byte[]> _pages = [];
    private readonly Dictionary<ulong, RmpAttributes> _entries = [];
    private ulong _next = 0x1_0000_0000;

    /// <summary>Notes RMPUPDATE among the firmware's commands.</summary>
    public List<string> Calls { get; } = [];

    public List<ulong> Quarantined { get; } = [];

    /// <summary>How many more pages there are.</summary>
    public int Left { get; set; } = int.MaxValue;

    public int InUse => _pages.Count;

    /// <summary>What RMPUPDATE answers next, before it succeeds again.</summary>
    public Queue<RmpResult> Results { get; } = [];

    /// <summary>The pages of which RMPUPDATE refuses every change; null for none.</summary>
    public Func<ulong, bool>? Refuses { get; set; }

    public RmpAttributes this[ulong page] => _entries.GetValueOrDefault(page);

    public int Assigned => _entries.Count;

    /// <summary>Pages in use that the firmware writes.</summary>
    public IEnumerable<ulong> FirmwarePages => _entries.Where(e => e.Value is { Assigned: true, Immutable: true, Asid: 0 } && _pages.ContainsKey(e.Key)).Select(e => e.Key).Order();

    public ulong Allocate()
    {
        if (Left-- <= 0) return 0;
        _next += RmpConstants.PageSize;
        _pages.Add(_next, new byte[RmpConstants.PageSize]);
        return _next;
    }

    public void Free(ulong hpa)
    {
        Assert.False(_entries.ContainsKey(hpa), $"page {hpa:x} is freed, and isn't the host's");
        Assert.True(_pages.Remove(hpa), $"page {hpa:x} is freed twice");
    }

    public void Quarantine(ulong hpa, string reason)
    {
        _pages.Remove(hpa);
        Quarantined.Add(hpa);
    }

    public void Read(ulong hpa, Span<byte> destination) => _pages[hpa].AsSpan(..destination.Length).CopyTo(destination);

    public void Write(ulong hpa, ReadOnlySpan<byte> source)
    {
        Assert.False(_entries.ContainsKey(hpa), $"the host writes page {hpa:x}, which isn't its own");
        source.CopyTo(_pages[hpa]);
    }

    /// <summary>What the firmware writes: pages of its own.</summary>
    public void WriteAsFirmware(ulong hpa, ReadOnlySpan<byte> source)
    {
        Assert.True(this[hpa] is { Assigned: true, Immutable: true, Asid: 0 }, $"page {hpa:x} isn't the firmware's");
        source.CopyTo(_pages[hpa]);
    }

    /// <summary>What the firmware writes before there is a reverse map table.</summary>
    public void WriteEarly(ulong hpa, ReadOnlySpan<byte> source) => source.CopyTo(_pages[hpa]);

    /// <summary>SNP_PAGE_RECLAIM.</summary>
    public bool TryReclaim(ulong hpa)
    {
        if (!this[hpa].Immutable) return false;
        _entries[hpa] = this[hpa] with { Immutable = false };
        return true;
    }

    public override void Call(CallInfo call, ref RmpRegisters registers)
    {
        RmpAttributes wanted = RegisterBoundary.Unpack<RmpAttributes>(registers.M1);
        Calls.Add($"{call.Name} {(wanted.Asid != 0 ? "guest" : wanted.Assigned ? "firmware" : "host")}");
        RmpResult result = Refuses?.Invoke(registers.Rax) == true ? RmpResult.FailInput : Results.TryDequeue(out RmpResult next) ? next : this[registers.Rax].Immutable ? RmpResult.FailPermission : RmpResult.Success;
        registers.Rax = Do(registers.Rax, wanted, result);
    }

    private ulong Do(ulong page, RmpAttributes wanted, RmpResult result)
    {
        if (result == RmpResult.Success && wanted.Assigned) _entries[page] = wanted;
        else if (result == RmpResult.Success) _entries.Remove(page);
        return (ulong)result;
    }
}
