using TeeIo.Pci.Spdm;
using TeeIo.Pci.SpdmVendor;

namespace TeeIo.Sdk.Tests.Pci;

/// <summary>A requester and a responder with a wire between them that a test can tamper with.</summary>
internal sealed class SpdmPair : ISpdmIdentity, ISpdmProtocols, IDisposable
{
    public SpdmPair(SpdmRequesterOptions? requester = null, SpdmResponderOptions? responder = null, BaseAsym algorithm = BaseAsym.EcdsaP384, TimeProvider? clock = null)
    {
        var chain = TestChain.Of(algorithm);
        Slots = [chain.Slot];
        Requester = new SpdmRequester(chain.Verifier, new Random(1), requester);
        Responder = new SpdmResponder(this, this, new Random(2), responder ?? Usual, clock);
    }

    /// <summary>Certificate chains come in several portions, and sessions have heartbeats.</summary>
    public static SpdmResponderOptions Usual => new() { CertificatePortion = 400, HeartbeatPeriod = 60 };

    public SpdmRequester Requester { get; }

    public SpdmResponder Responder { get; }

    public int SessionsEnded { get; private set; }

    /// <summary>What the requester has sent, in its order.</summary>
    public List<byte[]> Requests { get; } = [];

    /// <summary>Changes requests on their way: their number in the conversation, and what was sent.</summary>
    public Func<int, byte[], byte[]>? Change { get; set; }

    /// <summary>How the last conversation ended.</summary>
    public DeviceExchange Last { get; private set; } = new();

    /// <summary>What happens to the responder's device while it answers a message of a protocol.</summary>
    public Action? Meanwhile { get; set; }

    public IReadOnlyList<SpdmSlot> Slots { get; }

    public List<SpdmMeasurement> Measured { get; } =
    [
        new(1, MeasurementType.ImmutableRom, new byte[] { 0x5A }), new(2, MeasurementType.MutableFirmware, new byte[] { 1, 2 }, IsRaw: true), new(5, MeasurementType.FirmwareConfiguration, new byte[] { 3 }),
    ];

    public byte[] Chain => Slots[0].Chain(Requester.Suite!.Hash);

    /// <summary>The measurements as they travel.</summary>
    public byte[] Blocks => [.. Measured.SelectMany(measurement => measurement.ToBlock(Requester.Suite!.MeasurementHash))];

    public IReadOnlyList<SpdmMeasurement> Measure() => Measured;

    /// <summary>Carries a conversation to its end; <paramref name="tamper"/> changes answers on their way.</summary>
    public bool Run(Func<DeviceExchange, IEnumerable<byte[]>> conversation, Func<int, byte[], byte[]>? tamper = null)
    {
        Last = new DeviceExchange();
        int i = 0;
        foreach (byte[] request in conversation(Last))
        {
            Requests.Add(request);
            byte[] answer = Answer(Change is null ? request : Change(i, request));
            Last.Response = tamper is null ? answer : tamper(i, answer);
            i++;
        }

        return !Last.HasFailed;
    }

    public SpdmPair Connected()
    {
        Does(Requester.Connect);
        return this;
    }

    /// <summary>Carries a conversation to its good end.</summary>
    public void Does(Func<DeviceExchange, IEnumerable<byte[]>> conversation) => Assert.True(Run(conversation), $"{Last.Failure}: {Last.Detail}");

    public byte[] Answer(byte[] request) => Responder.Answer(request);

    /// <summary>Sends a message of a protocol through the session, and takes it back.</summary>
    public byte[] Echo(params byte[] message)
    {
        Assert.True(Requester.TryOpen(PciProtocol.Tdisp, Answer(Requester.Seal(PciProtocol.Tdisp, message)), out byte[] answer));
        return answer;
    }

    int ISpdmProtocols.Answer(uint sessionId, PciProtocol protocol, ReadOnlySpan<byte> message, Span<byte> response)
    {
        Meanwhile?.Invoke();
        if (protocol != PciProtocol.Tdisp) return 0;
        message.CopyTo(response);
        return message.Length;
    }

    void ISpdmProtocols.SessionEnded(uint sessionId) => SessionsEnded++;

    public void Dispose()
    {
        Requester.Dispose();
        Responder.Dispose();
    }
}
