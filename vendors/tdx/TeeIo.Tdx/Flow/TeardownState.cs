using TeeIo.Flow;
using TeeIo.Tdx.Seamcall;
using TeeIo.Tsm;

namespace TeeIo.Tdx.Flow;

/// <summary>What a trace says about TDIs, step by step.</summary>
internal sealed class TeardownState
{
    private readonly HashSet<ulong> _locked = [];
    private readonly HashSet<ulong> _present = [];
    private readonly HashSet<ulong> _blockedStreams = [];
    private readonly Dictionary<ulong, ulong> _streamOf = [];
    private readonly Dictionary<ulong, ulong> _ownerOf = [];
    private readonly Dictionary<ulong, ulong> _metadataOf = [];
    private readonly Dictionary<(ulong Tdr, ulong Gpa), MappedPage> _mmio = [];
    private readonly Dictionary<ulong, DmaStage> _dma = [];
    private readonly List<ulong> _queuedDma = [];
    private readonly List<ulong> _queuedIotlb = [];

    private enum DmaStage
    {
        Present,
        Blocked,
        Invalidated,
    }

    /// <summary>Takes note of a call that succeeded.</summary>
    /// <returns>What it violates, or null.</returns>
    public string? Apply(Crossing crossing)
    {
        CallInfo call = crossing.Call;
        if (call == SeamcallCalls.TdiCreate) Create(crossing);
        else if (call == SeamcallCalls.TdimtAdd) _metadataOf[In(crossing, "page")] = In(crossing, "function_id");
        else if (call == SeamcallCalls.TdiBind) _locked.Add(In(crossing, "function_id"));
        else if (call == SeamcallCalls.TdiStop) _locked.Remove(In(crossing, "function_id"));
        else if (call == SeamcallCalls.IdeStreamBlock) _blockedStreams.Add(In(crossing, "stream_id"));
        else if (call == SeamcallCalls.MmiomtSet) SetOwner(crossing);
        else if (call == SeamcallCalls.MmioMap) Map(crossing);
        else if (call == SeamcallCalls.MmioBlock) return Block(crossing);
        else if (call == SeamcallCalls.MemTrack) Track(In(crossing, "tdr"));
        else if (call == SeamcallCalls.MmioUnmap) return Unmap(crossing);
        else if (call == SeamcallCalls.DmarAdd && IsLeaf(crossing)) _dma[In(crossing, "rid")] = DmaStage.Present;
        else if (call == SeamcallCalls.DmarBlock && IsLeaf(crossing)) return BlockDma(In(crossing, "rid"));
        else if (call == SeamcallCalls.IqInvRequest) Queue(crossing);
        else if (call == SeamcallCalls.IqInvProcess) Invalidate();
        else if (call == SeamcallCalls.DmarRemove && IsLeaf(crossing)) return RemoveDma(In(crossing, "rid"));
        else if (call == SeamcallCalls.TdiRemove) return Remove(In(crossing, "function_id"));
        else if (call == SeamcallCalls.PhymemPageWbinvd) return GiveBack(In(crossing, "page"));
        else if (call == TdiServicesCalls.EnableMmio) return Recover(In(crossing, "tdi"));
        return null;
    }

    private void Create(Crossing crossing)
    {
        ulong function = In(crossing, "function_id");
        _present.Add(function);
        _locked.Remove(function);
        _streamOf[function] = In(crossing, "stream_id");
        _blockedStreams.Remove(_streamOf[function]);
        _metadataOf[In(crossing, "control_page")] = function;
    }

    private void SetOwner(Crossing crossing)
    {
        ulong page = In(crossing, "mmio_page");
        if (In(crossing, "entry_type") == (ulong)MmiomtType.Data) _ownerOf[page] = In(crossing, "function_id");
        else _ownerOf.Remove(page);
    }

    private void Map(Crossing crossing) =>
        _mmio[Page(crossing)] = new MappedPage { Owner = _ownerOf.GetValueOrDefault(In(crossing, "mmio") / SeamcallConstants.PageSize) };

    private string? Block(Crossing crossing)
    {
        if (!_mmio.TryGetValue(Page(crossing), out MappedPage? page)) return null;
        page.IsBlocked = true;
        return IsQuiet(page.Owner) ? null : $"MMIO page 0x{Page(crossing).Gpa:x} was blocked before its TDI stopped";
    }

    private void Track(ulong tdr)
    {
        foreach (((ulong Tdr, ulong Gpa) key, MappedPage page) in _mmio)
        {
            if (key.Tdr == tdr) page.IsTlbTracked |= page.IsBlocked;
        }
    }

    private string? Unmap(Crossing crossing)
    {
        if (!_mmio.Remove(Page(crossing), out MappedPage? page)) return null;
        return page is { IsBlocked: true, IsTlbTracked: true, IsIotlbTracked: true }
            ? null
            : $"MMIO page 0x{Page(crossing).Gpa:x} was unmapped before it was blocked and all TLBs were tracked";
    }

    private string? BlockDma(ulong rid)
    {
        _dma[rid] = DmaStage.Blocked;
        return _locked.Where(f => (ushort)f == rid).All(IsQuiet) ? null : $"the DMA entry of 0x{rid:x4} was blocked before its TDI stopped";
    }

    private void Queue(Crossing crossing)
    {
        var type = (InvType)In(crossing, "inv_type");
        if (type == InvType.Iotlb) _queuedIotlb.Add(In(crossing, "subject"));
        else if (type == InvType.Pasidte) _queuedDma.Add((ushort)In(crossing, "subject"));
    }

    private void Invalidate()
    {
        foreach (ulong rid in _queuedDma)
        {
            if (_dma.GetValueOrDefault(rid) == DmaStage.Blocked) _dma[rid] = DmaStage.Invalidated;
        }

        foreach (((ulong Tdr, ulong Gpa) key, MappedPage page) in _mmio)
        {
            if (_queuedIotlb.Contains(key.Tdr)) page.IsIotlbTracked |= page.IsBlocked;
        }

        _queuedDma.Clear();
        _queuedIotlb.Clear();
    }

    private string? RemoveDma(ulong rid)
    {
        bool isInvalidated = _dma.Remove(rid, out DmaStage stage) && stage == DmaStage.Invalidated;
        return isInvalidated ? null : $"the DMA entry of 0x{rid:x4} was removed before it was blocked and invalidated";
    }

    private string? Remove(ulong function)
    {
        _present.Remove(function);
        if (!IsQuiet(function)) return $"TDI 0x{function:x} was removed before it stopped";
        if (_mmio.Values.Any(page => page.Owner == function)) return $"TDI 0x{function:x} was removed while its MMIO was mapped";
        return _dma.ContainsKey((ushort)function) ? $"TDI 0x{function:x} was removed while it had a DMA entry" : null;
    }

    private string? GiveBack(ulong page) => _metadataOf.Remove(page, out ulong function) && _present.Contains(function)
        ? $"metadata page 0x{page:x} went back before TDI 0x{function:x} was removed"
        : null;

    private string? Recover(ulong requesterId) => _mmio.Values.Any(page => (ushort)page.Owner == requesterId)
        ? $"MMIO of 0x{requesterId:x4} may be shared again while it is mapped privately"
        : null;

    private bool IsQuiet(ulong function) => !_locked.Contains(function) || (_streamOf.TryGetValue(function, out ulong stream) && _blockedStreams.Contains(stream));

    private static bool IsLeaf(Crossing crossing) => In(crossing, "level") == (ulong)DmarLevel.Pasidte;

    private static (ulong Tdr, ulong Gpa) Page(Crossing crossing) => (In(crossing, "tdr"), In(crossing, "gpa_page") * SeamcallConstants.PageSize);

    private static ulong In(Crossing crossing, string argument)
    {
        ArgumentInfo? info = crossing.Call.Arguments.FirstOrDefault(a => a.IsInput && a.Name == argument);
        if (info is null || crossing.Input.Length < info.Offset + info.Size) return 0;
        ulong value = 0;
        ReadOnlySpan<byte> bytes = crossing.Input.Span.Slice(info.Offset, info.Size);
        for (int i = bytes.Length - 1; i >= 0; i--) value = (value << 8) | bytes[i];
        return info.BitCount is 0 or 64 ? value : (value >> info.LowBit) & ((1UL << info.BitCount) - 1);
    }

    private sealed class MappedPage
    {
        public required ulong Owner { get; init; }

        public bool IsBlocked { get; set; }

        public bool IsTlbTracked { get; set; }

        public bool IsIotlbTracked { get; set; }
    }
}
