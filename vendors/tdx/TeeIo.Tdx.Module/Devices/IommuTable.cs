using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using TeeIo.Platform.Hardware;
using TeeIo.Tdx.Module.Memory;
using TeeIo.Tdx.Seamcall;
using TeeIo.Tdx.Status;

namespace TeeIo.Tdx.Module.Devices;

/// <summary>The host's calls on IOMMUs. The root page lists a range of pages for each of two queues, with its length in the low bits where it is more than one, and then
/// single pages.</summary>
internal sealed class IommuTable(TdxModuleOptions options, PhysicalMemory memory, PageOwnership pages, PageArray arrays, FirstTries tries)
{
    /// <summary>Queues of an IOMMU; the list of its pages begins with theirs.</summary>
    public const int Queues = 2;
    private readonly SortedDictionary<ushort, IommuContext> _iommus = [];

    public bool Contains(ushort id) => _iommus.ContainsKey(id);

    public bool TryGet(ulong id, [NotNullWhen(true)] out IommuContext? iommu)
    {
        iommu = null;
        return id <= ushort.MaxValue && _iommus.TryGetValue((ushort)id, out iommu);
    }

    public Outcome SetUp(ulong registers, ulong root, out IommuId id)
    {
        id = default;
        int index = options.IommuBases.ToList().IndexOf(registers);
        if (index < 0) return Outcome.Invalid(TdxOperandId.Rcx);
        if (_iommus.ContainsKey((ushort)index)) return TdxStatus.IommuInvalidState;
        Outcome free = pages.CheckFree(root, TdxOperandId.Rdx);
        if (!free.IsSuccess) return free;
        if (tries.IsFirst(nameof(SetUp), registers)) return TdxStatus.InterruptedResumable;

        ulong[] list = ReadList(root);
        ulong[] hpas = [.. list.Take(Queues).SelectMany(QueuePages), .. list.Skip(Queues)];
        Outcome taken = pages.TakeAll(hpas, PageType.IommuMt, PageOwner.Iommu((ulong)index), TdxOperandId.Rdx);
        if (!taken.IsSuccess) return taken;
        _iommus.Add((ushort)index, new IommuContext((ushort)index, hpas, list));
        id = new IommuId((ulong)index);
        return Outcome.Success;
    }

    /// <summary>Takes an IOMMU out of use. Its DMA entries must be gone.</summary>
    public Outcome Clear(IommuId id, ulong root, bool hasEntries)
    {
        if (!TryGet(id.Value, out IommuContext? iommu)) return Outcome.Invalid(TdxOperandId.Rcx);
        if (hasEntries || iommu.Queue.Count > 0) return TdxStatus.IommuInvalidState;
        Outcome free = pages.CheckFree(root, TdxOperandId.Rdx);
        if (!free.IsSuccess) return free;
        if (tries.IsFirst(nameof(Clear), id.Value)) return TdxStatus.InterruptedResumable;
        arrays.WriteList(root, iommu.List);
        pages.ReleaseAll(iommu.Pages);
        _iommus.Remove(iommu.Id);
        return Outcome.Success;
    }

    /// <summary>Queues an invalidation; <paramref name="done"/> runs when the host has the module take note of it.</summary>
    public Outcome Queue(IommuContext iommu, Action done)
    {
        if (iommu.Queue.Count == options.InvalidationQueueLength) return TdxStatus.IommuIqQueueFull;
        iommu.Queue.Enqueue(done);
        return Outcome.Success;
    }

    public Outcome Process(IommuId id)
    {
        if (!TryGet(id.Value, out IommuContext? iommu)) return Outcome.Invalid(TdxOperandId.Rcx);
        if (iommu.Queue.Count > 0 && tries.IsFirst(nameof(Process), id.Value)) return Outcome.Of(TdxStatus.OperandBusy, TdxOperandId.Rcx);
        while (iommu.Queue.TryDequeue(out Action? done)) done();
        return Outcome.Success;
    }

    private ulong[] ReadList(ulong root)
    {
        Span<byte> bytes = stackalloc byte[(Queues + options.IommuPages) * sizeof(ulong)];
        memory.Read(root, bytes, KeyId.Shared);
        ulong[] list = new ulong[Queues + options.IommuPages];
        for (int i = 0; i < list.Length; i++) list[i] = BinaryPrimitives.ReadUInt64LittleEndian(bytes[(i * sizeof(ulong))..]);
        return list;
    }

    private static IEnumerable<ulong> QueuePages(ulong entry)
    {
        ulong count = Math.Max(1, entry % SeamcallConstants.PageSize);
        ulong first = entry - (entry % SeamcallConstants.PageSize);
        for (ulong i = 0; i < count; i++) yield return first + (i * SeamcallConstants.PageSize);
    }
}
