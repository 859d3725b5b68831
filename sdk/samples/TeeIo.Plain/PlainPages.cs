using TeeIo.Platform.Hardware;
using TeeIo.Tsm;

namespace TeeIo.Plain;

/// <summary>What firmware would keep elsewhere: each VM's private page table, and whose memory a device's trusted DMA reaches.</summary>
internal sealed class PlainPages
{
    private readonly Dictionary<ConfidentialVm, Dictionary<ulong, ulong>> _tables = [];
    private readonly Dictionary<ushort, ConfidentialVm> _dma = [];

    public bool Open(ConfidentialVm vm) => _tables.TryAdd(vm, []);

    public void Close(ConfidentialVm vm) => _tables.Remove(vm);

    public bool Map(ConfidentialVm vm, ulong gpa, ulong hpa) => _tables.TryGetValue(vm, out Dictionary<ulong, ulong>? table) && table.TryAdd(gpa / PhysicalMemory.PageSize, hpa);

    public bool Unmap(ConfidentialVm vm, ulong gpa) => _tables.TryGetValue(vm, out Dictionary<ulong, ulong>? table) && table.Remove(gpa / PhysicalMemory.PageSize);

    public void AllowDma(ushort requesterId, ConfidentialVm vm) => _dma[requesterId] = vm;

    public void StopDma(ushort requesterId) => _dma.Remove(requesterId);

    /// <summary>Each VM has the memory key with its number.</summary>
    public PageWalk Walk(ConfidentialVm vm, ulong gpa) =>
        _tables.TryGetValue(vm, out Dictionary<ulong, ulong>? table) && table.TryGetValue(gpa / PhysicalMemory.PageSize, out ulong hpa)
            ? new PageWalk(PageWalkResult.Mapped, hpa + (gpa % PhysicalMemory.PageSize), new KeyId((ushort)vm.CrossingId))
            : PageWalk.Without(PageWalkResult.NotMapped);

    public PageWalk WalkDma(ushort requesterId, ulong gpa) =>
        _dma.TryGetValue(requesterId, out ConfidentialVm? vm) ? Walk(vm, gpa) : PageWalk.Without(PageWalkResult.NotMapped);
}
