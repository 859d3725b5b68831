using TeeIo.Platform.Hardware;
using TeeIo.Tdx.Seamcall;
using TeeIo.Tdx.Tdcall;

namespace TeeIo.Tdx.Module.Memory;

/// <summary>A trust domain.</summary>
/// <param name="root">Its root page.</param>
/// <param name="key">Its memory key.</param>
/// <param name="reportingOffset">What its devices add to the MMIO addresses in their reports: random, whole pages, the same for the TD's whole life.</param>
internal sealed class Td(ulong root, KeyId key, ulong reportingOffset)
{
    public ulong Root { get; } = root;

    public KeyId Key { get; } = key;

    public ulong ReportingOffset { get; } = reportingOffset;

    public TdLifecycleState Lifecycle { get; set; } = TdLifecycleState.HkidAssigned;

    public TdOpState OpState { get; set; } = TdOpState.Uninitialized;

    public ulong Attributes { get; set; }

    public TdConfigFlags ConfigFlags { get; set; }

    public int MaxVcpus { get; set; }

    /// <summary>The vCPUs by their root pages, in the order of their creation.</summary>
    public OrderedDictionary<ulong, Vcpu> Vcpus { get; } = [];

    public SecureEpt Sept { get; } = new();

    /// <summary>The TLB epoch, which TDH.MEM.TRACK advances.</summary>
    public ulong Epoch { get; set; }

    /// <summary>When the last IOTLB invalidation was asked for that has been processed since.</summary>
    public ulong IotlbTrackedAt { get; set; }

    /// <summary>How many TDIs it owns.</summary>
    public int TdiCount { get; set; }

    /// <summary>Whether the caches have been written back after its vCPUs were flushed for good.</summary>
    public bool IsWrittenBack { get; set; }

    public bool HasConnect => ConfigFlags.HasFlag(TdConfigFlags.TdxConnect);

    /// <summary>Width of its guest-physical addresses; the topmost bit marks the shared side.</summary>
    public int GpaWidth => ConfigFlags.HasFlag(TdConfigFlags.Gpaw) ? TdcallConstants.GpaWidthWide : TdcallConstants.GpaWidth;

    public bool IsPrivate(ulong gpaPage) => gpaPage < (1UL << (GpaWidth - 1)) / SeamcallConstants.PageSize;
}
