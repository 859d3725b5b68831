using TeeIo.Pci.Spdm;
using TeeIo.Spdm.Tests.Ends;

namespace TeeIo.Spdm.Fuzz;

/// <summary>Responses into a requester: up to a step of a whole life the true responder answers, from there on the input does, until it is used up; then nobody does. In a session the answers
/// are sealed with its true keys, as a device would that is hostile.</summary>
internal static class RequesterTarget
{
    /// <summary>Steps of the longest life.</summary>
    public const int Steps = 40;

    /// <summary>Whose ends share a key; lives that begin with that come after those of all lanes.</summary>
    public static Lane PreShared { get; } = Lane.AllAndPieces.First(lane => lane.IsMutual);

    /// <summary>Runs one input.</summary>
    public static void Run(ReadOnlySpan<byte> input)
    {
        FuzzInput answers = new(input);
        int number = answers.Start / Steps;
        bool isPreShared = number >= Lane.AllAndPieces.Count;
        Lane lane = isPreShared ? PreShared : Lane.AllAndPieces[number];
        int first = answers.Start % Steps;
        Queue<byte[]> said = [];
        while (answers.TryTake(out ReadOnlySpan<byte> answer)) said.Enqueue(answer.ToArray());
        using Pair pair = new(lane);
        pair.Device.IsListening = false;
        bool wasInClear = false;
        Wire wire = new()
        {
            Request = (step, request) => step < first ? request : null,
            Response = (step, genuine) =>
            {
                if (step < first) return genuine;
                SpdmSession? session = Keys.Of(pair.Responder);
                wasInClear |= session is null;
                if (said.Count == 0) return null;
                byte[] answer = said.Dequeue();
                return session is null ? Packets.Wrap(lane.Binding, answer) : Packets.Seal(lane.Binding, session, answer);
            },
        };
        if (isPreShared) Live(pair, wire);
        else pair.Live(wire);
        if (wasInClear && pair.Requester.IsUp) throw new InvalidOperationException("A session with somebody who hasn't the key.");
    }

    /// <summary>A life with a session from a shared key.</summary>
    public static bool Live(Pair pair, Wire wire)
    {
        SpdmRequester r = pair.Requester;
        return pair.Run(r.Negotiate, wire) && pair.Run(e => r.ReadEndpointInfo(e, isSigned: false), wire) && pair.Run(r.StartPreSharedSession, wire) && pair.Run(r.Subscribe, wire) && pair.Run(r.End, wire);
    }
}
