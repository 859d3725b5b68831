using TeeIo.Boundaries;
using TeeIo.Tdx.Host;
using TeeIo.Tdx.Seamcall;

namespace TeeIo.Tdx.Iommu;

/// <summary>The module's calls on the trusted DMA tables of one IOMMU. The caller holds the extension lock.</summary>
internal sealed class TrustedTables(TdxSeam seam, IommuId id)
{
    private ushort Index => (ushort)id.Value;

    /// <summary>Adds an entry. An upper one leads to the page <paramref name="table"/>, that of a TDI to <paramref name="tdr"/>'s memory.</summary>
    public StatusWord Add(DmarLevel level, ushort requesterId, ulong tdr, ulong table)
    {
        StatusWord status;
        var retry = new Retry();
        do status = seam.ModelCalls.TryDmarAdd(level, 0, requesterId, Index, tdr, table, 0, 0, 0, 0, 0, 0, 0);
        while (retry.Again(status));
        return status;
    }

    /// <summary>Takes an entry away: blocked first, then out of every cache, then out of the table.</summary>
    /// <param name="level">Its level.</param>
    /// <param name="requesterId">Whose it is.</param>
    /// <param name="table">The page that it led to; 0 for that of a TDI.</param>
    public bool Remove(DmarLevel level, ushort requesterId, out ulong table)
    {
        table = 0;
        StatusWord status;
        var retry = new Retry();
        do status = seam.ModelCalls.TryDmarBlock(level, 0, requesterId, Index);
        while (retry.Again(status));
        if (!status.IsSuccess || !Invalidate(TypeOf(level), RegisterBoundary.Pack(new InvSubject { RequesterId = requesterId }))) return false;
        retry = new Retry();
        do status = seam.ModelCalls.TryDmarRemove(level, 0, requesterId, Index, out table);
        while (retry.Again(status));
        return status.IsSuccess;
    }

    /// <summary>Takes what <paramref name="type"/> covers out of the IOMMU's caches.</summary>
    public bool Invalidate(InvType type, ulong subject)
    {
        StatusWord status;
        var retry = new Retry();

        // No wait descriptor: the module itself tells when it is done.
        do status = seam.ModelCalls.TryIqInvRequest(id, type, subject, 0, 0, 0, 0);
        while (retry.Again(status));
        if (!status.IsSuccess) return false;
        retry = new Retry();
        do status = seam.ModelCalls.TryIqInvProcess(id);
        while (retry.Again(status));
        return status.IsSuccess;
    }

    private static InvType TypeOf(DmarLevel level) => level switch
    {
        DmarLevel.Rte => InvType.Rte,
        DmarLevel.Cte => InvType.Cte,
        DmarLevel.Pde => InvType.Pde,
        _ => InvType.Pasidte,
    };
}
