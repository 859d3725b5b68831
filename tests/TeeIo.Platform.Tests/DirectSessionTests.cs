using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Linux;
using TeeIo.Pci;
using TeeIo.Pci.Spdm;
using TeeIo.Platform.Devices;
using TeeIo.Platform.Hardware;

namespace TeeIo.Platform.Tests;

/// <summary>A session that a host has by itself, with the model's device.</summary>
public sealed class DirectSessionTests
{
    [Fact]
    public void A_record_that_gets_lost_ends_the_session_and_another_connect_begins_a_new_one()
    {
        using var memory = new PhysicalMemory(16, seed: 1);
        var options = new TeeDeviceOptions(PciAddress.Of(0, 1, 0, 0), VirtualFunctions: 1, MmioBase: 0x8000_0000);
        using var device = new TeeDevice(options, memory, new TeeIo.Platform.Hardware.Iommu(memory), new RootPort(2), CrossingHub.Silent, seed: 1);
        var mailbox = new Mailbox(device.Functions[0].Mailbox!);
        var session = new DirectSession(mailbox, ModelAuthority.CreateVerifier(TimeProvider.System), new Random(1));
        Assert.False(session.Run(session.Spdm.Heartbeat));
        Assert.True(session.Connect());
        Assert.True(session.Run(session.Spdm.Heartbeat));
        mailbox.IsDead = true;
        Assert.False(session.Run(session.Spdm.Heartbeat));
        mailbox.IsDead = false;
        int exchanges = mailbox.Exchanges;
        Assert.False(session.Run(session.Spdm.Heartbeat));
        Assert.Equal(exchanges, mailbox.Exchanges);
        Assert.True(session.Connect());
        Assert.True(session.Run(session.Spdm.Heartbeat));
    }

    private sealed class Mailbox(IDoeMailbox inner) : IDoeMailbox
    {
        public bool IsDead { get; set; }

        public int Exchanges { get; private set; }

        public SysResult Exchange(ReadOnlySpan<byte> request, Span<byte> response)
        {
            Exchanges++;
            return IsDead ? Errno.EIO : inner.Exchange(request, response);
        }
    }
}
