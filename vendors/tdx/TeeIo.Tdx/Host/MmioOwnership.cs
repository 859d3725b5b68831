using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Tdx.Seamcall;
using TeeIo.Tdx.Status;

namespace TeeIo.Tdx.Host;

/// <summary>The pages of MMIO that the module takes for one TDI's. The caller holds the extension lock, except for <see cref="Take"/>.</summary>
internal sealed class MmioOwnership(TdxSeam seam, HostFunctionId id)
{
    private const string Reason = "the module did not give up a TDI's MMIO";
    private readonly List<ulong> _owned = [];
    private ulong[] _released = [];

    /// <summary>Gives <paramref name="mmioPages"/> to the TDI. Where the tree has no entry for one, a page is added to the tree.</summary>
    public SysResult Take(IReadOnlyList<ulong> mmioPages)
    {
        using var hold = seam.ExtensionLock.Acquire();
        foreach (ulong mmio in mmioPages)
        {
            StatusWord status = Set(mmio, MmiomtType.Data, id);
            if (status.Status == TdxStatus.MmiomtNotPresent && AddLeaf(mmio)) status = Set(mmio, MmiomtType.Data, id);
            if (!status.IsSuccess) return status.Status == TdxStatus.MmioTdiOwnerMismatch ? Errno.EBUSY : Errno.EIO;
            _owned.Add(mmio);
            seam.MmioTree.Owned.Add(mmio);
        }

        return SysResult.Ok;
    }

    /// <summary>Takes the MMIO from the TDI, and its pages out of a tree that nobody uses any more. They must not be used before the TDI itself is gone.</summary>
    public bool Release()
    {
        foreach (ulong mmio in _owned)
        {
            if (!Set(mmio, MmiomtType.Qnode, default).IsSuccess) return false;
            seam.MmioTree.Owned.Remove(mmio);
        }

        _owned.Clear();
        if (seam.MmioTree.Owned.Count > 0) return true;
        foreach ((ulong mmio, ulong page) in seam.MmioTree.Leaves)
        {
            StatusWord status;
            ulong released;
            var retry = new Retry();
            do status = seam.ModelCalls.TryMmiomtRemove(0, mmio / SeamcallConstants.PageSize, out released);
            while (retry.Again(status));
            if (!status.IsSuccess || released != page) return false;
        }

        _released = [.. seam.MmioTree.Leaves.Select(leaf => leaf.Page)];
        seam.MmioTree.Leaves.Clear();
        return true;
    }

    /// <summary>Frees pages that left the tree, if the TDI is gone; else takes out of use what the module may still look at.</summary>
    public bool ReturnPages(bool isGone)
    {
        ulong[] pages = _released;
        _released = [];
        if (isGone) return seam.Pages.Return(pages);
        seam.Pages.Quarantine(pages, Reason);
        seam.Pages.Quarantine([.. seam.MmioTree.Leaves.Select(leaf => leaf.Page)], Reason);
        seam.MmioTree.Leaves.Clear();
        return false;
    }

    private bool AddLeaf(ulong mmio)
    {
        if (!seam.Pages.TryTake(1, out ulong[] pages)) return false;
        StatusWord status;
        var retry = new Retry();
        do status = seam.ModelCalls.TryMmiomtAdd(0, mmio / SeamcallConstants.PageSize, pages[0]);
        while (retry.Again(status));
        if (status.IsSuccess) seam.MmioTree.Leaves.Add((mmio, pages[0]));
        else seam.Pages.GiveBack(pages);
        return status.IsSuccess;
    }

    private StatusWord Set(ulong mmio, MmiomtType type, HostFunctionId owner)
    {
        StatusWord status;
        var retry = new Retry();
        do status = seam.ModelCalls.TryMmiomtSet(0, mmio / SeamcallConstants.PageSize, type, owner);
        while (retry.Again(status));
        return status;
    }
}
