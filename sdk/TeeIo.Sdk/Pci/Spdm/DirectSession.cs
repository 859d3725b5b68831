using TeeIo.Boundaries;
using TeeIo.Pci.SpdmVendor;

namespace TeeIo.Pci.Spdm;

/// <summary>A session that a host has with a device by itself, through the device's mailbox. Where firmware has the session, a host only relays it.</summary>
/// <param name="mailbox">The device's mailbox.</param>
/// <param name="verifier">Checks the device's signatures.</param>
/// <param name="random">Where keys and nonces come from.</param>
public sealed class DirectSession(IDoeMailbox mailbox, ISpdmVerifier verifier, Random random) : ISpdmChannel
{
    private const int MaxObject = 1 << 16;

    /// <summary>What the device has shown.</summary>
    public SpdmRequester Spdm { get; } = new(verifier, random);

    /// <inheritdoc/>
    public byte[] Seal(PciProtocol protocol, ReadOnlySpan<byte> message) => Spdm.Seal(protocol, message);

    /// <inheritdoc/>
    public bool TryOpen(PciProtocol protocol, DeviceExchange exchange, out byte[] message)
    {
        ArgumentNullException.ThrowIfNull(exchange);
        if (Spdm.TryOpen(protocol, exchange.Response.Span, out message)) return true;
        exchange.Fail(DeviceFailure.BadSpdm);
        return false;
    }

    /// <summary>Brings the session up.</summary>
    /// <returns>Whether the device went along.</returns>
    public bool Connect() => Carry(Spdm.Connect);

    /// <summary>Carries a conversation inside the session to its end. A record that gets lost ends the session.</summary>
    /// <param name="conversation">The conversation.</param>
    /// <returns>Whether there is a session and the conversation has come to its end.</returns>
    public bool Run(Func<DeviceExchange, IEnumerable<byte[]>> conversation) => Spdm.IsUp && Carry(conversation);

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
