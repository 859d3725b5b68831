using TeeIo.Pci.Spdm;
using TeeIo.Spdm.Tests.Ends;

namespace TeeIo.Spdm.Fuzz;

/// <summary>Responses into a requester: up to a step of a whole life the true responder answers, from there on the input does, until it is used up; then nobody does. In a session the answers
/// are sealed with its true keys, as a device would that is hostile.</summary>
internal static class RequesterTarget
{
    /// <summary>Steps of the longest life.</summary>
    public const int Steps = 48;

    /// <summary>Runs one input.</summary>
    public static void Run(ReadOnlySpan<byte> input)
    {
        FuzzInput answers = new(input);
        Lane lane = Lane.AllAndPieces[answers.Start / Steps % Lane.AllAndPieces.Count];
        int first = answers.Start % Steps;
        Queue<byte[]> said = [];
        while (answers.TryTake(out ReadOnlySpan<byte> answer)) said.Enqueue(answer.ToArray());
        using Pair pair = new(lane);
        pair.Device.IsListening = false;
        bool wasInClear = false;
        pair.Live(new Wire
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
        });
        if (wasInClear && pair.Requester.IsUp) throw new InvalidOperationException("A session with somebody who hasn't the key.");
    }
}
