using TeeIo.Guest;
using TeeIo.Sev.Ghcb;

namespace TeeIo.Sev.Guest;

/// <summary>What a guest knows about a device from one bind.</summary>
/// <param name="tdiId">The TDI's name in messages.</param>
/// <param name="reportCount">The firmware's count of reports at the bind: another one means that the device was bound anew.</param>
internal sealed class SevGuestBind(TdiId tdiId, ulong reportCount)
{
    /// <summary>The TDI's name in messages.</summary>
    public TdiId TdiId { get; } = tdiId;

    /// <summary>The firmware's count of reports at the bind.</summary>
    public ulong ReportCount { get; } = reportCount;

    /// <summary>Digest of the certificates that verified; empty before.</summary>
    public byte[] CertificatesDigest { get; set; } = [];

    /// <summary>Digest of the measurements that verified; empty before.</summary>
    public byte[] MeasurementsDigest { get; set; } = [];

    /// <summary>The interface report that verified; empty before.</summary>
    public byte[] Report { get; set; } = [];

    /// <summary>Its digest.</summary>
    public byte[] ReportDigest { get; set; } = [];

    /// <summary>Ranges of MMIO that were accepted.</summary>
    public List<TeeRange> Accepted { get; } = [];

    /// <summary>Whether DMA was accepted.</summary>
    public bool HasDma { get; set; }

    /// <summary>Whether the TDI was started.</summary>
    public bool IsStarted { get; set; }
}
