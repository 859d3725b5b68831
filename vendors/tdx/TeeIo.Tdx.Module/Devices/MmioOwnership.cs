using System.Diagnostics.CodeAnalysis;
using TeeIo.Tdx.Module.Memory;
using TeeIo.Tdx.Seamcall;
using TeeIo.Tdx.Status;

namespace TeeIo.Tdx.Module.Devices;

/// <summary>The metadata of MMIO: which TDI owns which page. A leaf page of the tree holds 128 entries of 32 bytes, as in the 2023 generation; levels above take no pages here.</summary>
internal sealed class MmioOwnership(TdiTable tdis, PageOwnership pages)
{
    private const ulong EntriesPerLeaf = 128;
    private readonly Dictionary<ulong, ulong> _leaves = [];
    private readonly Dictionary<ulong, MmioPage> _owned = [];

    public Outcome AddLeaf(byte level, ulong mmioPage, ulong page)
    {
        if (level != 0) return Outcome.Invalid(TdxOperandId.Rcx);
        if (_leaves.ContainsKey(mmioPage / EntriesPerLeaf)) return Outcome.Invalid(TdxOperandId.Rcx);
        Outcome taken = pages.Take(page, PageType.MmioMt, PageOwner.Module, TdxOperandId.Rdx);
        if (taken.IsSuccess) _leaves.Add(mmioPage / EntriesPerLeaf, page);
        return taken;
    }

    public Outcome Set(byte level, ulong mmioPage, MmiomtType type, HostFunctionId functionId)
    {
        if (level != 0) return Outcome.Invalid(TdxOperandId.Rcx);
        if (!_leaves.ContainsKey(mmioPage / EntriesPerLeaf)) return TdxStatus.MmiomtNotPresent;
        bool isOwned = TryGet(mmioPage, out MmioPage? present);
        if (isOwned && present!.Value.GpaPage is not null) return TdxStatus.MmioInvalidPageMetadata;
        if (type != MmiomtType.Data)
        {
            _owned.Remove(mmioPage);
            return Outcome.Success;
        }

        if (!tdis.TryGet(functionId.Value, out TdiContext? tdi)) return TdxStatus.TdiNotPresent;
        if (isOwned && present!.Value.Tdi != tdi) return TdxStatus.MmioTdiOwnerMismatch;
        _owned[mmioPage] = new MmioPage(tdi, GpaPage: null);
        return Outcome.Success;
    }

    public Outcome RemoveLeaf(byte level, ulong mmioPage, out ulong page)
    {
        page = 0;
        if (level != 0) return Outcome.Invalid(TdxOperandId.Rcx);
        ulong leaf = mmioPage / EntriesPerLeaf;
        if (!_leaves.TryGetValue(leaf, out ulong found)) return TdxStatus.MmiomtNotPresent;
        List<ulong> entries = [.. _owned.Keys.Where(owned => owned / EntriesPerLeaf == leaf)];
        if (entries.Exists(entry => _owned[entry].GpaPage is not null)) return TdxStatus.MmioInvalidPageMetadata;
        foreach (ulong entry in entries) _owned.Remove(entry);
        _leaves.Remove(leaf);
        pages.Release(found);
        page = found;
        return Outcome.Success;
    }

    /// <summary>Finds the owner of a page. An owner that was removed owns nothing any more.</summary>
    public bool TryGet(ulong mmioPage, [NotNullWhen(true)] out MmioPage? page)
    {
        page = null;
        if (!_owned.TryGetValue(mmioPage, out MmioPage found)) return false;
        bool isPresent = tdis.TryGet(found.Tdi.FunctionId, out TdiContext? tdi) && tdi == found.Tdi;
        if (isPresent) page = found;
        else _owned.Remove(mmioPage);
        return isPresent;
    }

    public void SetMapped(ulong mmioPage, ulong? gpaPage) => _owned[mmioPage] = _owned[mmioPage] with { GpaPage = gpaPage };
}
