using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Linux;
using TeeIo.Scheduling;
using TeeIo.Tdx.Seamcall;
using TeeIo.Tsm;

namespace TeeIo.Tdx.Host;

/// <summary>The host's way into the TDX module, shared by everything that calls it: the instruction, the pages that it hands over, and the lock without which the calls of TDX
/// Connect would only find each other busy.</summary>
public sealed class TdxSeam
{
    /// <summary>The way into a module.</summary>
    /// <param name="transport">The SEAMCALL instruction.</param>
    /// <param name="pages">The host's memory.</param>
    /// <param name="locks">The lock order.</param>
    /// <param name="hub">Where the boundaries report.</param>
    public TdxSeam(ModelRegisterTransport transport, IHostPages pages, LockOrder locks, CrossingHub hub)
    {
        Calls = new SeamcallClient(transport, hub);
        ModelCalls = new SeamcallModelClient(transport, hub);
        Memory = pages;
        Pages = new FirmwarePages(pages, Calls);
        ExtensionLock = new OrderedLock(locks, ExtensionLockClass);
    }

    /// <summary>Class of the lock around the calls of TDX Connect. The module takes one of them at a time; the lock is the innermost, because KVM and IOMMUFD make such calls
    /// under their own.</summary>
    public static LockClass ExtensionLockClass { get; } = new("tdx-ext", TsmOpsLocks.KvmMmu.Rank + 1);

    internal SeamcallClient Calls { get; }

    internal SeamcallModelClient ModelCalls { get; }

    internal IHostPages Memory { get; }

    internal FirmwarePages Pages { get; }

    internal MmioTree MmioTree { get; } = new();

    internal OrderedLock ExtensionLock { get; }

    /// <summary>Whether the module can have trusted devices.</summary>
    /// <returns>EOPNOTSUPP where it can't.</returns>
    public SysResult CheckFeatures() =>
        TryReadField(SeamcallConstants.Features0, out ulong features) && ((TdxFeatures0)features).HasFlag(TdxFeatures0.Tdxconnect) ? SysResult.Ok : Errno.EOPNOTSUPP;

    /// <summary>Reads a metadata field of the module.</summary>
    internal bool TryReadField(ulong field, out ulong value)
    {
        StatusWord status;
        var retry = new Retry();
        do status = Calls.TrySysRd(field, out _, out value);
        while (retry.Again(status));
        return status.IsSuccess;
    }

    /// <summary>Reads a field that counts pages, and refuses what no list of pages can hold.</summary>
    internal bool TryReadPageCount(ulong field, out int count)
    {
        count = 0;
        if (!TryReadField(field, out ulong value) || value is 0 or > PageArray.MaxPages) return false;
        count = (int)value;
        return true;
    }
}
