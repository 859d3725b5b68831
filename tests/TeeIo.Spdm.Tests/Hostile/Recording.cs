using TeeIo.Pci.Spdm;
using TeeIo.Spdm.Tests.Ends;

namespace TeeIo.Spdm.Tests.Hostile;

/// <summary>A life that nobody tampers with, step by step.</summary>
internal sealed class Recording
{
    private Recording(Lane lane, IReadOnlyList<Step> steps) => (Lane, Steps) = (lane, steps);

    /// <summary>What both ends spoke.</summary>
    public Lane Lane { get; }

    /// <summary>Its steps.</summary>
    public IReadOnlyList<Step> Steps { get; }

    /// <summary>The first step that travels in a record.</summary>
    public int FirstRecord => Steps.Index().First(step => step.Item.Code == SpdmMessage.KeyExchange).Index + 1;

    /// <summary>The step of FINISH.</summary>
    public int Finish => Steps.Index().First(step => step.Item.Code == SpdmMessage.Finish).Index;

    /// <summary>Lives a life, and keeps it.</summary>
    public static Recording Of(Lane lane, int seed = 1)
    {
        using Pair pair = new(lane, seed);
        List<byte[]> requests = [];
        List<byte[]> responses = [];
        bool isGood = pair.Live(new Wire
        {
            Request = (_, packet) => Keep(requests, packet),
            Response = (_, packet) => Keep(responses, packet),
        });
        Assert.True(isGood, $"{pair.Last.Failure}: {pair.Last.Detail}");
        byte[][] said = [.. pair.Spoken.Where(spoken => spoken.IsRequest).Select(spoken => spoken.Message)];
        byte[][] heard = [.. pair.Spoken.Where(spoken => !spoken.IsRequest).Select(spoken => spoken.Message)];
        return new Recording(lane, [.. requests.Select((packet, i) => new Step((SpdmMessage)said[i][1], said[i], heard[i], packet, responses[i]))]);
    }

    private static byte[] Keep(List<byte[]> kept, byte[] packet)
    {
        kept.Add(packet);
        return packet;
    }
}
