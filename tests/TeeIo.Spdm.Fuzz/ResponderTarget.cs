using TeeIo.Pci.Spdm;
using TeeIo.Spdm.Tests.Ends;

namespace TeeIo.Spdm.Fuzz;

/// <summary>Messages into a responder: it is brought into one of its states, and then hears whatever the input says. In a session the messages are sealed with its true keys, as a requester
/// would that is hostile.</summary>
internal static class ResponderTarget
{
    /// <summary>States that a responder can be brought into.</summary>
    public const int States = 5;

    private static readonly byte[] s_answer = new byte[1 << 17];

    /// <summary>Runs one input.</summary>
    public static void Run(ReadOnlySpan<byte> input)
    {
        FuzzInput messages = new(input);
        Lane lane = Lane.AllAndPieces[messages.Start / States % Lane.AllAndPieces.Count];
        using Pair pair = new(lane);
        pair.Device.IsListening = false;
        Bring(pair, messages.Start % States);
        while (messages.TryTake(out ReadOnlySpan<byte> message))
        {
            SpdmSession? session = Keys.Of(pair.Requester);
            byte[] packet = session is null ? Packets.Wrap(lane.Binding, message) : Packets.Seal(lane.Binding, session, message);
            int length = pair.Responder.Answer(packet, s_answer);
            if (length > pair.Responder.MaxPacketSize) throw new InvalidOperationException($"An answer has {length} bytes, and there may be {pair.Responder.MaxPacketSize}.");
        }
    }

    private static void Bring(Pair pair, int state)
    {
        Wire wire = new();
        bool isThere = state switch
        {
            0 => true, // nobody has spoken yet
            1 => pair.Run(pair.Requester.Negotiate, wire),
            2 => pair.Run(pair.Requester.Negotiate, wire) && pair.Run(pair.Requester.ReadDigests, wire),
            3 => Handshake(pair),
            _ => pair.Run(pair.Requester.Connect, wire),
        };
        if (!isThere) throw new InvalidOperationException($"{pair.Last.Failure}: {pair.Last.Detail}");
    }

    /// <summary>Up to the key exchange; FINISH is held back, and the input's messages come in its place.</summary>
    private static bool Handshake(Pair pair)
    {
        Wire wire = new();
        if (!pair.Run(pair.Requester.Negotiate, wire) || !pair.Run(pair.Requester.ReadCertificates, wire)) return false;
        DeviceExchange exchange = new();
        foreach (byte[] request in pair.Requester.StartSession(exchange))
        {
            if (pair.Asked == SpdmMessage.Finish) return true;
            exchange.Response = pair.Responder.Answer(request);
        }

        return false;
    }
}
