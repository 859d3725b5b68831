using TeeIo.Platform.Hardware;
using TeeIo.Vfio;

namespace TeeIo.Platform.Kernel.Vfio;

/// <summary>A dma-buf of ranges of a BAR. All buffers of a device are revoked and recovered together; its closing revokes them for good.</summary>
internal sealed class VfioDmaBuffer(ulong id, VfioDevice device, int bar, (ulong Offset, ulong Length)[] ranges) : DmaBuffer(id)
{
    public VfioDevice Device { get; } = device;

    public List<DmaBufferImporter> Importers { get; } = [];

    public ulong Length { get; } = (ulong)ranges.Sum(r => (long)r.Length);

    public bool HasOneRange => ranges.Length == 1;

    /// <summary>Whether the device was closed: nothing brings the buffer back.</summary>
    public bool IsDead { get; set; }

    public bool IsRevoked { get; set; }

    /// <summary>Finds the BAR's page behind <paramref name="offset"/>.</summary>
    public bool TryTranslate(ulong offset, out ulong hpa)
    {
        hpa = 0;
        return !IsRevoked && TryLocate(offset, out hpa, out _);
    }

    /// <summary>The same for an access that isn't private: no page of a TEE range has one while the device is locked.</summary>
    public bool TryTranslateShared(ulong offset, out ulong hpa)
    {
        hpa = 0;
        return !IsRevoked && TryLocate(offset, out hpa, out ulong inBar) && !Device.IsWithheld(bar, inBar);
    }

    /// <summary>Whether an access through its shared side reaches a page of a BAR now.</summary>
    public bool ReachesShared(ulong hpa)
    {
        for (ulong offset = 0; TryLocate(offset, out ulong page, out _); offset += PhysicalMemory.PageSize)
        {
            if (page == hpa) return TryTranslateShared(offset, out _);
        }

        return false;
    }

    private bool TryLocate(ulong offset, out ulong hpa, out ulong inBar)
    {
        foreach ((ulong start, ulong length) in ranges)
        {
            if (offset < length)
            {
                inBar = start + offset;
                hpa = Device.Function.BarAddress(bar) + inBar;
                return true;
            }

            offset -= length;
        }

        (hpa, inBar) = (0, 0);
        return false;
    }
}
