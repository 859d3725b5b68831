using TeeIo.Boundaries;

namespace TeeIo.Guest;

/// <summary>What a guest's kernel finds below it on one virtual CPU: memory with a private and a shared side, a PCI bus, a clock. Used from the vCPU's own thread.</summary>
public abstract class GuestMachine
{
    /// <summary>Bytes of a page.</summary>
    public const int PageSize = 4096;

    /// <summary>Name of the vCPU in traces (<c>vm0/vcpu1</c>).</summary>
    public abstract string Name { get; }

    /// <summary>Number of the vCPU in its VM, from 0.</summary>
    public abstract int Index { get; }

    /// <summary>Reads memory or MMIO.</summary>
    /// <param name="gpa">Guest-physical address, without the bit that marks the shared or private side.</param>
    /// <param name="destination">Receives the bytes; must not cross a page for MMIO.</param>
    /// <param name="isPrivate">Through the private page tables or the shared ones.</param>
    /// <returns>False where the access faults for good: nothing is mapped, or not accepted.</returns>
    public abstract bool TryRead(ulong gpa, Span<byte> destination, bool isPrivate);

    /// <summary>Writes memory or MMIO.</summary>
    /// <inheritdoc cref="TryRead" path="/param"/>
    /// <param name="gpa">Guest-physical address, without the bit that marks the shared or private side.</param>
    /// <param name="source">The bytes; must not cross a page for MMIO.</param>
    /// <param name="isPrivate">Through the private page tables or the shared ones.</param>
    /// <returns>False where the access faults for good.</returns>
    public abstract bool TryWrite(ulong gpa, ReadOnlySpan<byte> source, bool isPrivate);

    /// <summary>Takes free pages of the guest's memory, zeroed, contiguous. Private ones are accepted.</summary>
    /// <returns>Guest-physical address; 0 where there are none left.</returns>
    public abstract ulong AllocatePages(int count, bool isPrivate);

    /// <summary>Gives pages back.</summary>
    public abstract void FreePages(ulong gpa, int count);

    /// <summary>Reads 1, 2 or 4 bytes of a function's configuration space; all ones where there is none.</summary>
    public abstract uint ReadConfig(ushort requesterId, int offset, int size);

    /// <summary>Writes 1, 2 or 4 bytes of a function's configuration space.</summary>
    public abstract void WriteConfig(ushort requesterId, int offset, int size, uint value);

    /// <summary>Lets time pass.</summary>
    public abstract void Sleep(TimeSpan duration);

    /// <summary>The guest's own view of time.</summary>
    public abstract TimeProvider Time { get; }

    /// <summary>Executes the vendor's guest instruction.</summary>
    public abstract ModelRegisterTransport Instructions { get; }
}
