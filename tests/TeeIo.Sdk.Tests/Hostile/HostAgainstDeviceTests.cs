using TeeIo.Hostile;
using TeeIo.Pci.Doe;
using TeeIo.Pci.Spdm;
using TeeIo.Pci.SpdmVendor;
using TeeIo.Sdk.Tests.Pci;

namespace TeeIo.Sdk.Tests.Hostile;

/// <summary>A host against the device whose mailbox it has: what it makes of the firmware's requests, and what it says itself.</summary>
public sealed class HostAgainstDeviceTests(ITestOutputHelper output)
{
    private static readonly List<byte[]> s_requests = Record();

    [Fact]
    public void No_request_gives_a_session_that_both_ends_do_not_have() => MutationRun.Run(output, "host against device, requests of SPDM", JudgeRequest, share: 100);

    [Fact]
    public void No_request_in_the_clear_disturbs_a_device_or_its_session() => MutationRun.Run(output, "host against device, requests beside a session", JudgeMixed, share: 100);

    private static string? JudgeRequest(Mutation mutation)
    {
        using var pair = new SpdmPair();
        int step = mutation.Below(10);
        pair.Change = (i, request) => i == step ? mutation.Change(request, pair.Requests) : request;
        pair.Run(pair.Requester.Connect);
        pair.Change = null;
        if (!pair.Responder.HasSession) return null;
        if (!pair.Requester.IsUp) return $"a session that only the device has, after request {step} was changed";
        byte[] answer = pair.Answer(pair.Requester.Seal(PciProtocol.Tdisp, [1, 2, 3]));
        return pair.Requester.TryOpen(PciProtocol.Tdisp, answer, out byte[] _) ? null : $"a session that doesn't work, after request {step} was changed";
    }

    private static string? JudgeMixed(Mutation mutation)
    {
        using var pair = new SpdmPair();
        pair.Run(pair.Requester.Negotiate);
        if (mutation.Once(2)) pair.Run(pair.Requester.Connect);
        List<byte[]> requests = [.. s_requests];
        for (int i = 0; i < 8; i++)
        {
            byte[] answer = pair.Answer(mutation.Change(requests[mutation.Below(requests.Count)], requests));
            if (answer.Length > 0 && !DoeObject.TryRead(answer, out _, out _)) return $"an answer that is no object: {Convert.ToHexString(answer)}";
        }

        // A session goes with GET_VERSION, or with a record that isn't its next one, and then for the device as a whole.
        if (!pair.Responder.HasSession) return null;
        byte[] echo = pair.Answer(pair.Requester.Seal(PciProtocol.Tdisp, [1, 2, 3]));
        return pair.Requester.TryOpen(PciProtocol.Tdisp, echo, out byte[] _) ? null : "a session that doesn't work any more";
    }

    /// <summary>True requests of a whole life, and one that is in order in a session only.</summary>
    private static List<byte[]> Record()
    {
        using var pair = new SpdmPair();
        pair.Run(pair.Requester.Negotiate);
        pair.Run(pair.Requester.ReadDigests);
        pair.Run(pair.Requester.ReadCertificates);
        pair.Run(exchange => pair.Requester.Challenge(exchange));
        pair.Run(exchange => pair.Requester.Measure(exchange));
        pair.Run(pair.Requester.StartSession);
        pair.Run(pair.Requester.Heartbeat);
        byte[] beside = new byte[SpdmVendorDefined.ByteSize];
        SpdmVendorMessage.WriteHead(beside, SpdmConstants.Version13, SpdmMessage.VendorDefinedRequest, PciProtocol.Tdisp, length: 0);
        return [.. pair.Requests, DoeObject.Create(DoeObjectType.Spdm, beside)];
    }
}
