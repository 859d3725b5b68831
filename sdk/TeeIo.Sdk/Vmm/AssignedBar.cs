using TeeIo.Boundaries;

namespace TeeIo.Vmm;

/// <summary>A memory BAR of an assigned device, as the VMM shows it to its guest.</summary>
/// <param name="Index">Region index.</param>
/// <param name="GuestAddress">Guest-physical address.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Buffer">The dma-buf that backs its memslot, or null where the mapping does.</param>
/// <param name="Mapping">The VMM's own mapping of it.</param>
/// <param name="Slot">Memslot number.</param>
internal sealed record AssignedBar(uint Index, ulong GuestAddress, ulong Size, Fd? Buffer, UserMemory Mapping, uint Slot)
{
    public bool Contains(ulong gpa) => gpa >= GuestAddress && gpa - GuestAddress < Size;
}
