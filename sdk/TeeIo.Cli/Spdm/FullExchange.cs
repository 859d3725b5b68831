using TeeIo.Pci.IdeKm;
using TeeIo.Pci.Spdm;
using TeeIo.Pci.SpdmVendor;
using TeeIo.Pci.Tdisp;

namespace TeeIo.Cli.Spdm;

/// <summary>All that a requester can do with a responder, step by step, with a line for each step.</summary>
/// <param name="requester">The requester.</param>
/// <param name="carry">Carries a packet to the responder and its answer back.</param>
/// <param name="functionId">The TDISP function to lock; null to leave PCI-SIG's protocols out.</param>
/// <param name="random">Where the keys of the IDE stream come from.</param>
/// <param name="output">Where the lines go.</param>
internal sealed class FullExchange(SpdmRequester requester, Func<byte[], byte[]> carry, uint? functionId, Random random, TextWriter output) : ISpdmChannel
{
    private const byte StreamId = 0;

    /// <summary>Runs all steps that both ends can do, until one fails.</summary>
    /// <returns>Whether all went well.</returns>
    public bool Run()
    {
        if (!Do("version, capabilities, algorithms", requester.Negotiate, () => requester.Suite!.ToString())) return false;
        if (!Do("digests", requester.ReadDigests)) return false;
        if (!Do("certificates", requester.ReadCertificates, () => $"a chain of {requester.Certificates.Length} bytes that is trusted")) return false;
        if (Can(SpdmCapabilities.ChalCap) && !Do("challenge", exchange => requester.Challenge(exchange))) return false;
        if (Can(SpdmCapabilities.MeasCapSig) && !Measure("measurements")) return false;
        if (Can(SpdmCapabilities.EpInfoCapSig) && !Do("device class", exchange => requester.ReadEndpointInfo(exchange, isSigned: true), () => Convert.ToHexStringLower(requester.EndpointInfo.Span))) return false;
        if (Can(SpdmCapabilities.KeyExCap) && !UseSession()) return false;
        if (!requester.HasPreSharedKey) return true;
        return Do("session from the shared key", requester.StartPreSharedSession, () => $"0x{requester.SessionId:x8}") && Maintain() && Do("end of session", requester.End);
    }

    private bool UseSession()
    {
        if (!Do("session", requester.StartSession, () => $"0x{requester.SessionId:x8}, heartbeat {requester.HeartbeatPeriod} s")) return false;
        if (functionId is { } id && !(ProgramKeys() && LockAndStart(id))) return false;
        if (!Maintain()) return false;
        if (Can(SpdmCapabilities.MeasCapSig) && !Measure("measurements in the session")) return false;
        return Do("end of session", requester.End);
    }

    private bool Maintain()
    {
        if (Can(SpdmCapabilities.HbeatCap) && requester.HeartbeatPeriod > 0 && !Do("heartbeat", requester.Heartbeat)) return false;
        if (Can(SpdmCapabilities.KeyUpdCap) && !Do("key update", requester.UpdateKeys)) return false;
        return !Can(SpdmCapabilities.EventCap) || Do("events", requester.Subscribe);
    }

    byte[] ISpdmChannel.Seal(PciProtocol protocol, ReadOnlySpan<byte> message) => requester.Seal(protocol, message);

    bool ISpdmChannel.TryOpen(PciProtocol protocol, DeviceExchange exchange, out byte[] message)
    {
        if (requester.TryOpen(protocol, exchange.Response.Span, out message)) return true;
        exchange.Fail(DeviceFailure.BadSpdm, $"the responder gave no answer of {protocol} ({requester.ErrorCode})");
        return false;
    }

    private bool Can(SpdmCapabilities capability) => requester.ResponderCapabilities.HasFlag(capability);

    /// <summary>The measurements one by one, then all of them signed: the signature is about all that was said before.</summary>
    private bool Measure(string step)
    {
        if (!Do(step, exchange => requester.Measure(exchange, index: 0, isSigned: false), () => $"{requester.MeasurementCount} of them")) return false;
        return Do(step, exchange => requester.Measure(exchange), () => Describe(requester.Measurements));
    }

    private static string Describe(ReadOnlyMemory<byte> record)
    {
        SpdmMeasurement.TryRead(record, out List<SpdmMeasurement> measurements);
        return string.Join(", ", measurements.Select(m => $"{m.Index:x2} {SpdmTrace.SpecName(m.Type)}"));
    }

    private bool ProgramKeys()
    {
        IdeStreamKeys keys = new(StreamId, this, new NoRootPort(), random);
        return Do("IDE keys", keys.SetUp) && Do("other IDE keys", keys.Refresh);
    }

    private bool LockAndStart(uint function)
    {
        TdiConversations tdi = new(function, this);
        if (!Do("TDISP lock", exchange => tdi.Lock(exchange, LockFlags.NoFwUpdate, StreamId, reportingOffset: 0))) return false;
        if (!Do("TDISP report", tdi.ReadReport, () => $"{tdi.Report!.Ranges.Count} ranges")) return false;
        if (!Do("TDISP start", tdi.Start) || !Do("TDISP state", tdi.ReadState, () => tdi.ToldState.ToString())) return false;
        return Do("TDISP stop", tdi.Stop);
    }

    private bool Do(string step, Func<DeviceExchange, IEnumerable<byte[]>> conversation, Func<string>? outcome = null)
    {
        DeviceExchange exchange = new();
        foreach (byte[] packet in conversation(exchange))
        {
            if (exchange.Delay > TimeSpan.Zero) Task.Delay(exchange.Delay).Wait();
            exchange.Response = carry(packet);
        }

        output.WriteLine(exchange.HasFailed ? $"{step}: FAILED, {exchange.Failure}: {exchange.Detail}" : $"{step}: {outcome?.Invoke() ?? "ok"}");
        return !exchange.HasFailed;
    }
}
