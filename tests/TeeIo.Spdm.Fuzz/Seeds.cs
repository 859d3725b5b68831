using System.Buffers.Binary;
using TeeIo.Pci.Spdm;
using TeeIo.Spdm.Tests.Ends;

namespace TeeIo.Spdm.Fuzz;

/// <summary>Inputs to begin with: what true ends say in a whole life, from each place that an input can begin at.</summary>
internal static class Seeds
{
    private const int FirstOfSession = 7;

    /// <summary>Writes them into a folder for each target.</summary>
    public static void Write(string folder)
    {
        foreach (string side in new[] { "responder", "requester" }) Directory.CreateDirectory(Path.Combine(folder, side));
        foreach ((int number, Lane lane) in Lane.AllAndPieces.Index())
        {
            (List<byte[]> requests, List<byte[]> responses) = Listen(lane, pair => pair.Live());
            int session = requests.FindIndex(request => request[1] == (byte)SpdmMessage.KeyExchange) + 1;
            for (int state = 0; state < ResponderTarget.States; state++)
            {
                int from = state switch { 0 => 0, 1 or 2 => 3, 3 => session, _ => session + 1 };
                Save(folder, "responder", (number * ResponderTarget.States) + state, requests[from..(state < 3 ? session : requests.Count)]);
            }

            SaveResponses(folder, number, responses);
        }

        (List<byte[]> asked, List<byte[]> answered) = Listen(RequesterTarget.PreShared, pair => RequesterTarget.Live(pair, new Wire()));
        int mutual = Lane.AllAndPieces.Index().First(lane => lane.Item.IsMutual).Index * ResponderTarget.States;
        Save(folder, "responder", mutual + 1, asked[3..], "-shared");
        Save(folder, "responder", mutual + 4, asked[5..], "-shared");
        SaveResponses(folder, Lane.AllAndPieces.Count, answered);
    }

    private static void SaveResponses(string folder, int number, List<byte[]> responses)
    {
        for (int step = 0; step < responses.Count && (number * RequesterTarget.Steps) + step <= byte.MaxValue; step++)
            Save(folder, "requester", (number * RequesterTarget.Steps) + step, responses[step..Math.Min(responses.Count, step + FirstOfSession)]);
    }

    private static (List<byte[]> Requests, List<byte[]> Responses) Listen(Lane lane, Func<Pair, bool> live)
    {
        using Pair pair = new(lane);
        if (!live(pair)) throw new InvalidOperationException($"{pair.Last.Failure}: {pair.Last.Detail}");
        return (Of(pair, isRequest: true), Of(pair, isRequest: false));
    }

    private static List<byte[]> Of(Pair pair, bool isRequest) => [.. pair.Spoken.Where(spoken => spoken.IsRequest == isRequest).Select(spoken => spoken.Message)];

    private static void Save(string folder, string side, int start, IReadOnlyList<byte[]> messages, string suffix = "")
    {
        using FileStream file = File.Create(Path.Combine(folder, side, $"{start:D3}{suffix}"));
        Span<byte> length = stackalloc byte[sizeof(ushort)];
        file.WriteByte((byte)start);
        foreach (byte[] message in messages)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(length, (ushort)message.Length);
            file.Write(length);
            file.Write(message);
        }
    }
}
