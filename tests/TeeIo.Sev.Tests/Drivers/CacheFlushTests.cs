using TeeIo.Flow;
using TeeIo.Sev.Flow;
using TeeIo.Sev.Psp;

namespace TeeIo.Sev.Tests.Drivers;

/// <summary>Invariant 10 finds an ASID that gets a new guest with the old one's data in the caches, and nothing where they were flushed.</summary>
public class CacheFlushTests
{
    private const ulong Old = 0x5000;
    private const ulong New = 0x6000;
    private readonly InvariantMonitor _monitor = new(new CacheFlush());
    private readonly CrossingHub _hub;

    public CacheFlushTests()
    {
        _hub = new CrossingHub([_monitor]);
        Activate(Old, 3);
        Decommission(Old);
    }

    [Fact]
    public void An_ASID_is_free_after_a_flush()
    {
        Cross(SnpFirmwareCalls.DfFlush, []);
        Activate(New, 3);
        Assert.Empty(_monitor.Violations);
    }

    [Fact]
    public void An_ASID_that_is_used_again_without_a_flush_is_seen()
    {
        Activate(New, 3);
        Assert.Contains("ASID 3", Assert.Single(_monitor.Violations).What, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_ASID_needs_none()
    {
        Activate(New, 4);
        Assert.Empty(_monitor.Violations);
    }

    private void Activate(ulong guest, uint asid)
    {
        byte[] command = new byte[SnpActivate.ByteSize];
        new SnpActivate { GctxPaddr = new GctxPaddrId(guest), Asid = asid }.Write(command);
        Cross(SnpFirmwareCalls.Activate, command);
    }

    private void Decommission(ulong guest)
    {
        byte[] command = new byte[SnpDecommission.ByteSize];
        new SnpDecommission { GctxPaddr = new GctxPaddrId(guest) }.Write(command);
        Cross(SnpFirmwareCalls.Decommission, command);
    }

    private void Cross(CallInfo call, byte[] command)
    {
        using CrossingScope crossing = _hub.Open(call, CrossingSide.Server, command);
        crossing.Close(0, command);
    }
}
