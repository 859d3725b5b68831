namespace TeeIo.Tsm;

/// <summary>The host's pages of physical memory, for a driver that hands some of them to firmware.</summary>
public interface IHostPages
{
    /// <summary>Takes a free page, zeroed.</summary>
    /// <returns>Its host-physical address, or 0 where there is none left.</returns>
    ulong Allocate();

    /// <summary>Gives a page back. Only pages that no firmware and no device can reach any more.</summary>
    void Free(ulong hpa);

    /// <summary>Takes a page out of use for good, because firmware or a device may still reach it. It stays accounted for.</summary>
    void Quarantine(ulong hpa, string reason);

    /// <summary>Reads host memory.</summary>
    void Read(ulong hpa, Span<byte> destination);

    /// <summary>Writes host memory.</summary>
    void Write(ulong hpa, ReadOnlySpan<byte> source);
}
