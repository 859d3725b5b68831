using TeeIo.Tdx.Seamcall;

namespace TeeIo.Tdx.Kvm;

/// <summary>A TD, and what KVM has given to it.</summary>
internal sealed class TdxVm(TdrId tdr, ushort keyId)
{
    /// <summary>Its root page.</summary>
    public TdrId Tdr { get; } = tdr;

    /// <summary>Its key.</summary>
    public ushort KeyId { get; } = keyId;

    /// <summary>Root pages of its vCPUs.</summary>
    public List<ulong> Vcpus { get; } = [];

    /// <summary>Its private memory: host-physical address by guest-physical.</summary>
    public SortedDictionary<ulong, ulong> Memory { get; } = [];

    /// <summary>Its private MMIO: host-physical address by guest-physical.</summary>
    public SortedDictionary<ulong, ulong> Mmio { get; } = [];

    /// <summary>TDIs that are bound to it, or were and could not be taken away.</summary>
    public int TdiCount { get; set; }

    /// <summary>Those of them that could not be taken away. The TD stays with the module for good then.</summary>
    public int StrandedTdis { get; set; }

    /// <summary>MMIO, by host-physical address, of TDIs that haven't been stopped: nothing may be taken away from those.</summary>
    public HashSet<ulong> LockedMmio { get; } = [];

    /// <summary>Trusted DMA entries that lead to its memory.</summary>
    public int DmaEntries { get; set; }
}
