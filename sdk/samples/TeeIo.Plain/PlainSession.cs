using TeeIo.Boundaries;
using TeeIo.Pci;
using TeeIo.Pci.Spdm;
using TeeIo.Pci.SpdmVendor;
using TeeIo.Platform.Devices;

namespace TeeIo.Plain;

/// <summary>The session with a device. Where others relay it for firmware, this host has it itself.</summary>
internal sealed class PlainSession(IDoeMailbox mailbox, Random random) : ISpdmChannel
{
    private const int MaxObject = 1 << 16;

    public SpdmConversations Spdm { get; } = new(new ModelVerifier(), random);

    public byte[] Seal(PciProtocol protocol, ReadOnlySpan<byte> message) => Spdm.Seal(protocol, message);

    public bool TryOpen(PciProtocol protocol, DeviceExchange exchange, out byte[] message)
    {
        if (Spdm.TryOpen(protocol, exchange.Response.Span, out message)) return true;
        exchange.Fail(DeviceFailure.BadSpdm);
        return false;
    }

    /// <summary>Brings the session up.</summary>
    public bool Connect() => Carry(Spdm.Connect);

    /// <summary>Carries a conversation inside the session to its end.</summary>
    public bool Run(Func<DeviceExchange, IEnumerable<byte[]>> conversation) => Spdm.IsUp && Carry(conversation);

    /// <summary>A record that gets lost ends the session.</summary>
    private bool Carry(Func<DeviceExchange, IEnumerable<byte[]>> conversation)
    {
        var exchange = new DeviceExchange();
        foreach (byte[] request in conversation(exchange))
        {
            byte[] answer = new byte[MaxObject];
            SysResult length = mailbox.Exchange(request, answer);
            if (!length.IsOk) exchange.Fail(DeviceFailure.BadSpdm);
            if (exchange.HasFailed) break;
            exchange.Response = answer.AsMemory(0, (int)length.Value);
        }

        if (exchange.HasFailed && exchange.Failure != DeviceFailure.TdiState) Spdm.Abandon();
        return !exchange.HasFailed;
    }
}
