using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Pci;
using TeeIo.Pci.Spdm;
using TeeIo.Platform.Devices;
using TeeIo.Platform.Hardware;

namespace TeeIo.Platform.Tests;

/// <summary>What goes through the model device's mailbox follows from seeds alone, signatures and certificates included.</summary>
public sealed class SpdmTrafficTests
{
    [Fact]
    public void The_same_seeds_give_the_same_traffic_byte_for_byte()
    {
        List<string> traffic = Record(device: 1, host: 2);

        Assert.Equal(2 * 11, traffic.Count); // nine exchanges up to the session, two portions of the chain among them; a heartbeat, and the end
        Assert.Equal(traffic, Record(device: 1, host: 2));
        Assert.NotEqual(traffic, Record(device: 3, host: 2));
        Assert.NotEqual(traffic, Record(device: 1, host: 3));
    }

    private static List<string> Record(int device, int host)
    {
        using var memory = new PhysicalMemory(16, seed: 1);
        var options = new TeeDeviceOptions(PciAddress.Of(0, 1, 0, 0), VirtualFunctions: 1, MmioBase: 0x8000_0000);
        using var model = new TeeDevice(options, memory, new TeeIo.Platform.Hardware.Iommu(memory), new RootPort(2), CrossingHub.Silent, device);
        var mailbox = new RecordingMailbox(model.Mailbox);
        var session = new DirectSession(mailbox, ModelAuthority.CreateVerifier(TimeProvider.System), new Random(host));
        Assert.True(session.Connect());
        Assert.True(session.Run(session.Spdm.Heartbeat));
        Assert.True(session.Run(session.Spdm.End));
        return mailbox.Traffic;
    }

    private sealed class RecordingMailbox(IDoeMailbox inner) : IDoeMailbox
    {
        public List<string> Traffic { get; } = [];

        public SysResult Exchange(ReadOnlySpan<byte> request, Span<byte> response)
        {
            SysResult length = inner.Exchange(request, response);
            Traffic.Add(Convert.ToHexString(request));
            Traffic.Add(Convert.ToHexString(response[..(int)length.Value]));
            return length;
        }
    }
}
