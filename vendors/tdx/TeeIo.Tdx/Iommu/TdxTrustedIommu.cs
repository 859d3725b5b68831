using System.Buffers.Binary;
using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Scheduling;
using TeeIo.Tdx.Host;
using TeeIo.Tdx.Kvm;
using TeeIo.Tdx.Seamcall;
using TeeIo.Tdx.Status;
using TeeIo.Tsm;

namespace TeeIo.Tdx.Iommu;

/// <summary>The IOMMU driver's part for TDX: the trusted DMA tables, which the host asks for and the module keeps. What leads to a TDI's own entry is prepared when it is bound;
/// the entry itself comes when the guest accepts.</summary>
[TsmDriver]
public sealed partial class TdxTrustedIommu : TrustedIommuDriver
{
    private static readonly DmarLevel[] _pathLevels = [DmarLevel.Rte, DmarLevel.Cte, DmarLevel.Pde];
    private readonly TdxSeam _seam;
    private readonly TdxVmTable _vms;
    private readonly List<PathEntry> _path = [];
    private readonly HashSet<TsmFunction> _setUp = [];
    private readonly HashSet<TsmFunction> _entries = [];
    private TrustedTables? _tables;

    /// <summary>The driver of one IOMMU, which <see cref="Start"/> switches on.</summary>
    /// <param name="seam">The way into the module.</param>
    /// <param name="vms">The VMs.</param>
    public TdxTrustedIommu(TdxSeam seam, TdxVmTable vms)
    {
        _seam = seam;
        _vms = vms;
    }

    internal IommuId Id { get; private set; }

    /// <summary>Has the module set the IOMMU up.</summary>
    /// <param name="registers">Host-physical address of its registers.</param>
    /// <returns>EOPNOTSUPP where module or IOMMU can't do trusted DMA; EIO where the module refuses otherwise.</returns>
    public SysResult Start(ulong registers)
    {
        if (_tables is not null) return Errno.EBUSY;
        if (!_seam.CheckFeatures().IsOk) return Errno.EOPNOTSUPP;
        using LockHold hold = _seam.ExtensionLock.Acquire();

        // Two pages for the queues, those that the module asks for, and the host's own page that lists them.
        if (!_seam.TryReadPageCount(SeamcallConstants.IommuMtPageCount, out int count) || !_seam.Pages.TryTake(count + 3, out ulong[] pages)) return Errno.EIO;
        ulong root = pages[^1];
        byte[] list = new byte[(pages.Length - 1) * sizeof(ulong)];
        for (int i = 0; i < pages.Length - 1; i++) BinaryPrimitives.WriteUInt64LittleEndian(list.AsSpan(i * sizeof(ulong)), pages[i]);
        _seam.Memory.Write(root, list);
        StatusWord status;
        IommuId id;
        var retry = new Retry();
        do status = _seam.Calls.TryIommuSetup(registers, root, out id);
        while (retry.Again(status));
        _seam.Pages.GiveBack(status.IsSuccess ? [root] : pages);
        if (!status.IsSuccess) return status.Status == TdxStatus.OperandInvalid ? Errno.EOPNOTSUPP : Errno.EIO;
        Id = id;
        _tables = new TrustedTables(_seam, id);
        return SysResult.Ok;
    }

    /// <inheritdoc/>
    protected override SysResult SetUp(SetUpContext context)
    {
        TsmFunction function = context.Function;
        if (_tables is not { } tables) return Errno.EIO;
        if (_setUp.Contains(function)) return SysResult.Ok;
        context.OnFailure(() =>
        {
            using LockHold again = _seam.ExtensionLock.Acquire();
            Leave(tables, function);
        });
        using LockHold hold = _seam.ExtensionLock.Acquire();
        foreach (DmarLevel level in _pathLevels)
        {
            PathEntry? present = _path.Find(e => e.Serves(level, function));
            if (present is null && !TryAddPath(tables, level, function, out present)) return Errno.EIO;
            present!.Users.Add(function);
        }

        _setUp.Add(function);
        return SysResult.Ok;
    }

    /// <inheritdoc/>
    protected override SysResult TearDown(TearDownContext context)
    {
        TsmFunction function = context.Function;
        if (_tables is not { } tables || !_setUp.Remove(function)) return SysResult.Ok;
        using LockHold hold = _seam.ExtensionLock.Acquire();
        if (_entries.Remove(function))
        {
            // An entry that stays keeps the tables above it, so they aren't taken down, now or when another function that they serve leaves.
            if (!tables.Remove(DmarLevel.Pasidte, function.Address.RequesterId, out _))
            {
                Keep(function);
                return Errno.EIO;
            }

            if (_vms.Find(context.Vm) is { } td) td.DmaEntries--;
        }

        return Leave(tables, function) ? SysResult.Ok : Errno.EIO;
    }

    /// <summary>Adds a TDI's own entry, which its guest has to accept. One that is there stays.</summary>
    internal StatusWord AddEntry(TsmFunction function, TdxVm td)
    {
        if (_entries.Contains(function)) return default;
        if (_tables is not { } tables || !_setUp.Contains(function)) return (ulong)TdxStatus.DmarEntryNotPresent;
        using LockHold hold = _seam.ExtensionLock.Acquire();
        StatusWord status = tables.Add(DmarLevel.Pasidte, function.Address.RequesterId, td.Tdr.Value, table: 0);
        if (!status.IsSuccess) return status;
        _entries.Add(function);
        td.DmaEntries++;
        return status;
    }

    /// <summary>Leaves the way to a function's memory to the module for good.</summary>
    internal void Strand(TsmFunction function)
    {
        if (!_setUp.Remove(function)) return;
        _entries.Remove(function);
        Keep(function);
    }

    /// <summary>Takes everything of a TD out of the IOMMU's caches.</summary>
    internal bool InvalidateIotlb(TdxVm td)
    {
        if (_tables is not { } tables) return true;
        using LockHold hold = _seam.ExtensionLock.Acquire();
        return tables.Invalidate(InvType.Iotlb, td.Tdr.Value);
    }

    /// <summary>Quarantines the tables above a function's own entry. They stay in use by it, so nobody takes them down for another function's sake.</summary>
    private void Keep(TsmFunction function) =>
        _seam.Pages.Quarantine([.. _path.Where(e => e.Users.Contains(function)).Select(e => e.Table)], "the module did not give up an entry of trusted DMA below a table");

    private bool TryAddPath(TrustedTables tables, DmarLevel level, TsmFunction function, out PathEntry? entry)
    {
        entry = null;
        if (!_seam.Pages.TryTake(1, out ulong[] page)) return false;
        if (!tables.Add(level, function.Address.RequesterId, tdr: 0, page[0]).IsSuccess)
        {
            _seam.Pages.GiveBack(page);
            return false;
        }

        entry = new PathEntry(level, function.Address.RequesterId, page[0]);
        _path.Add(entry);
        return true;
    }

    /// <summary>Takes away what leads to a function and to no other, from the bottom up.</summary>
    private bool Leave(TrustedTables tables, TsmFunction function)
    {
        bool all = true;
        foreach (PathEntry entry in _path.Where(e => e.Users.Remove(function)).OrderBy(e => e.Level).ToArray())
        {
            if (entry.Users.Count > 0) continue;
            _path.Remove(entry);
            bool removed = all && tables.Remove(entry.Level, entry.RequesterId, out ulong table) && table == entry.Table;
            if (!removed) _seam.Pages.Quarantine([entry.Table], "the module did not give up a table of trusted DMA");
            all &= removed && _seam.Pages.Return([entry.Table]);
        }

        return all;
    }
}
