using TeeIo.Linux.Kvm;
using TeeIo.Platform.Hardware;
using TeeIo.Platform.Kernel.Vfio;

namespace TeeIo.Platform.Kernel.Kvm;

/// <summary>A range of guest-physical addresses and what is behind its shared and its private side.</summary>
internal sealed class Memslot(uint id, ulong gpa, ulong length, ulong userAddress, MemoryFlags flags)
{
    public uint Id { get; } = id;

    public ulong Gpa { get; set; } = gpa;

    public ulong Length { get; } = length;

    public ulong UserAddress { get; } = userAddress;

    public MemoryFlags Flags { get; set; } = flags;

    /// <summary>Where its private pages come from, or null.</summary>
    public GuestMemfdFile? Memfd { get; set; }

    public ulong MemfdOffset { get; init; }

    /// <summary>The device memory that it shows, or null.</summary>
    public VfioDmaBufFile? DmaBuf { get; init; }

    public KvmDmaBufAttachment? Attachment { get; set; }

    public bool Contains(ulong gpa) => gpa >= Gpa && gpa - Gpa < Length;

    public bool Overlaps(ulong start, ulong length) => start < Gpa + Length && Gpa < start + length;

    /// <summary>Whether it shows memory, and not a device's registers.</summary>
    public bool IsMemory(SoftwareProcess process) => DmaBuf is null && process.Find(UserAddress, PhysicalMemory.PageSize) is not BarMapping;

    /// <summary>Finds what the shared side shows.</summary>
    public bool TryTranslateShared(SoftwareProcess process, ulong gpa, out ulong hpa)
    {
        ulong offset = gpa - Gpa;
        if (DmaBuf is { } device) return device.Buffer.TryTranslateShared(offset, out hpa);
        hpa = 0;
        ulong address = UserAddress + offset;
        return process.Find(address / PhysicalMemory.PageSize * PhysicalMemory.PageSize, PhysicalMemory.PageSize) is { } memory
            && memory.TryTranslate(address - memory.Address, out hpa);
    }
}
