using TeeIo.Tsm;

namespace TeeIo.Platform.Hardware;

/// <summary>The machine's memory as drivers of the host see it, with the pages that a failed teardown has put out of use.</summary>
/// <param name="memory">The memory.</param>
public sealed class HostPages(PhysicalMemory memory) : IHostPages
{
    private readonly SortedDictionary<ulong, string> _quarantined = [];
    private readonly HashSet<ulong> _taken = [];

    /// <summary>Pages that drivers have and must give back or quarantine.</summary>
    public int Taken => _taken.Count;

    /// <summary>Pages that stay out of use, and why.</summary>
    public IReadOnlyDictionary<ulong, string> Quarantined => _quarantined;

    /// <inheritdoc/>
    public ulong Allocate()
    {
        ulong hpa = memory.AllocatePage();
        if (hpa != 0) _taken.Add(hpa);
        return hpa;
    }

    /// <inheritdoc/>
    public void Free(ulong hpa)
    {
        if (!_taken.Remove(hpa)) throw new ArgumentException($"0x{hpa:x} isn't a page that a driver has, or it is quarantined.", nameof(hpa));
        memory.FreePage(hpa);
    }

    /// <inheritdoc/>
    public void Quarantine(ulong hpa, string reason)
    {
        _taken.Remove(hpa);
        _quarantined.TryAdd(hpa, reason);
    }

    /// <summary>Whether the page is quarantined: its owner must not free it.</summary>
    public bool IsQuarantined(ulong hpa) => _quarantined.ContainsKey(hpa);

    /// <inheritdoc/>
    public void Read(ulong hpa, Span<byte> destination) => memory.Read(hpa, destination, KeyId.Shared);

    /// <inheritdoc/>
    public void Write(ulong hpa, ReadOnlySpan<byte> source) => memory.Write(hpa, source, KeyId.Shared);
}
