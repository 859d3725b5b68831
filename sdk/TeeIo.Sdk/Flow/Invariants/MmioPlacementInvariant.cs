using TeeIo.Linux.Kvm;
using TeeIo.Tsm;

namespace TeeIo.Flow.Invariants;

/// <summary>Invariant 14: the private pages of a BAR are where the BAR is: inside its slot, each at its own offset, in the device's order. No swap, no alias, no page of another BAR.</summary>
/// <remarks>The first page of a slot tells where the BAR is; all others must be as far from it in the guest as in the host. What a guest accepts it compares with the report by itself.</remarks>
public sealed class MmioPlacementInvariant : ITraceInvariant
{
    private const ulong PageSize = Guest.GuestMachine.PageSize;

    /// <inheritdoc/>
    public string Name => "14 (MMIO where the device reported it)";

    /// <inheritdoc/>
    public IInvariantWatch Watch() => new Bars();

    private sealed class Bars : IInvariantWatch
    {
        private readonly List<Slot> _slots = [];

        public string? Closed(Crossing crossing)
        {
            if (crossing is not { Side: CrossingSide.Server, IsSuccess: true, Subject: { } subject }) return null;
            string vm = subject.Split('/')[0];
            if (crossing.Call == KvmCalls.SetUserMemoryRegion2) SetSlot(vm, crossing);
            return crossing.Call == ConfidentialMemoryCalls.MapMmio ? Map(vm, crossing) : null;
        }

        private void SetSlot(string vm, Crossing crossing)
        {
            if (!CrossingArguments.TryRead(crossing, "slot", out ulong id) || !CrossingArguments.TryRead(crossing, "guest_phys_addr", out ulong gpa)) return;
            if (!CrossingArguments.TryRead(crossing, "memory_size", out ulong size)) return;
            _slots.RemoveAll(s => s.Vm == vm && s.Id == id);
            if (size > 0) _slots.Add(new Slot(vm, id, gpa, size));
        }

        private string? Map(string vm, Crossing crossing)
        {
            if (!CrossingArguments.TryRead(crossing, "gpa", out ulong gpa) || !CrossingArguments.TryRead(crossing, "hpa", out ulong hpa)) return null;
            if (!CrossingArguments.TryRead(crossing, "pages", out ulong pages)) return null;
            if (_slots.Find(s => s.Vm == vm && s.Holds(gpa, pages * PageSize)) is not { } slot)
                return _slots.Exists(s => s.Vm == vm) ? $"{pages} pages at 0x{gpa:x} of {crossing.Subject} were mapped at {crossing.ClosedAt} outside its slots" : null;
            ulong distance = unchecked(hpa - gpa);
            if (slot.Distance is { } known && known != distance)
                return $"page 0x{gpa:x} of {crossing.Subject} was mapped at {crossing.ClosedAt} to 0x{hpa:x}, and its BAR has 0x{unchecked(gpa + known):x} there";
            slot.Distance = distance;
            return null;
        }
    }

    private sealed record Slot(string Vm, ulong Id, ulong Gpa, ulong Size)
    {
        /// <summary>How far the host's address of a page is from the guest's; null before the first page.</summary>
        public ulong? Distance { get; set; }

        public bool Holds(ulong gpa, ulong length) => gpa >= Gpa && gpa - Gpa <= Size && length <= Size - (gpa - Gpa);
    }
}
