using TeeIo.Pci.Spdm;
using TeeIo.Pci.SpdmVendor;

namespace TeeIo.Spdm.Tests.Ends;

/// <summary>A requester and a responder, and the wire between them.</summary>
internal sealed class Pair : ISpdmTap, IDisposable
{
    /// <summary>More than any life takes: a conversation that goes on longer has no end.</summary>
    private const int MostSteps = 200;

    private static readonly byte[][] s_said = [[1, 2, 3], [.. Enumerable.Range(0, 64).Select(i => (byte)i)], [0x5A]];
    private readonly bool _hasRequests;
    private int _step;

    public Pair(Lane lane, int seed = 1, SpdmSlot? slot = null, ISpdmVerifier? verifier = null)
    {
        _hasRequests = lane.IsMutual;
        Device = new Device(slot ?? lane.Chain.Slot);
        Requester = new SpdmRequester(verifier ?? lane.Chain.Verifier, new Random(seed), lane.Requester with { Tap = this });
        Responder = new SpdmResponder(Device, Device, new Random(seed + 1), lane.Responder);
    }

    public SpdmRequester Requester { get; }

    public SpdmResponder Responder { get; }

    public Device Device { get; }

    /// <summary>What the requester has said through the session in a whole life.</summary>
    public static IReadOnlyList<byte[]> Said => s_said;

    /// <summary>What the requester has taken out of the session's answers.</summary>
    public List<byte[]> Taken { get; } = [];

    /// <summary>The request that the requester has sent last.</summary>
    public SpdmMessage Asked { get; private set; }

    /// <summary>What the requester has said and heard, without packets and records.</summary>
    public List<(bool IsRequest, byte[] Message)> Spoken { get; } = [];

    /// <summary>How the last conversation ended.</summary>
    public DeviceExchange Last { get; private set; } = new();

    /// <summary>A whole life: from the version to measurements and a challenge, a session with heartbeat, messages, new keys, the responder's own wish for new keys where it has wishes, and measurements, and its end. It stops where a conversation fails.</summary>
    public bool Live(Wire? wire = null)
    {
        wire ??= new Wire();
        SpdmRequester r = Requester;
        return Run(r.Negotiate, wire) && Run(r.ReadDigests, wire) && Run(r.ReadCertificates, wire) && Run(e => r.Challenge(e), wire) && Run(e => r.Measure(e), wire)
            && Run(r.StartSession, wire) && Run(r.Heartbeat, wire) && Run(e => Say(e, s_said[0]), wire) && Run(e => Say(e, s_said[1]), wire)
            && Run(r.UpdateKeys, wire) && (!_hasRequests || Run(ServeRequests, wire)) && Run(e => Say(e, s_said[2]), wire) && Run(e => r.Measure(e), wire) && Run(r.End, wire);
    }

    /// <summary>A session, as short as it can be had.</summary>
    public Pair Connected()
    {
        return Run(Requester.Connect, new Wire()) ? this : throw new InvalidOperationException($"{Last.Failure}: {Last.Detail}");
    }

    /// <summary>Carries a conversation to its end.</summary>
    public bool Run(Func<DeviceExchange, IEnumerable<byte[]>> conversation, Wire wire)
    {
        Last = new DeviceExchange();
        foreach (byte[] request in conversation(Last))
        {
            if (_step == MostSteps) throw new InvalidOperationException("The requester doesn't come to an end.");
            if (wire.Before(_step, request) is { } before) Responder.Answer(before);
            byte[]? arrived = wire.Request(_step, request);
            Last.Response = wire.Response(_step, arrived is null ? [] : Responder.Answer(arrived)) ?? [];
            _step++;
        }

        return !Last.HasFailed;
    }

    /// <summary>Begins to count steps again.</summary>
    public void Restart() => _step = 0;

    /// <inheritdoc/>
    void ISpdmTap.Message(bool isRequest, uint sessionId, ReadOnlySpan<byte> message)
    {
        Spoken.Add((isRequest, message.ToArray()));
        if (isRequest) Asked = (SpdmMessage)message[1];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Requester.Dispose();
        Responder.Dispose();
    }

    private IEnumerable<byte[]> ServeRequests(DeviceExchange exchange)
    {
        if (!Responder.TryUpdateKeys(Requester.SessionId)) throw new InvalidOperationException("The responder can't ask for new keys.");
        return Requester.ServeRequests(exchange);
    }

    private IEnumerable<byte[]> Say(DeviceExchange exchange, byte[] message)
    {
        yield return Requester.Seal(PciProtocol.Tdisp, message);
        if (Requester.TryOpen(PciProtocol.Tdisp, exchange.Response.Span, out byte[] answer)) Taken.Add(answer);
        else exchange.Fail(Requester.IsUp ? DeviceFailure.BadSpdm : DeviceFailure.NotAuthentic, "no answer of the protocol");
    }
}
