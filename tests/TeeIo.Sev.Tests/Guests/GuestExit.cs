using TeeIo.Pci.Tdisp;
using TeeIo.Sev.Ghcb;
using TeeIo.Sev.Psp;

namespace TeeIo.Sev.Tests.Guests;

/// <summary>One SEV_TIO_GUEST_REQUEST as it reaches the host, and what the host answers.</summary>
internal sealed class GuestExit
{
    public required ulong RequestGpa { get; init; }

    public required ulong ResponseGpa { get; init; }

    public required ulong DataGpa { get; init; }

    public required uint Device { get; init; }

    public required uint MmioPages { get; init; }

    public required ulong Parameter { get; init; }

    public ulong DataPages { get; set; }

    public TdiState State { get; set; }

    public SevRet FwError { get; set; }

    public SnpVmmError VmmError { get; set; }
}
