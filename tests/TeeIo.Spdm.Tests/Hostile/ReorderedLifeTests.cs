using TeeIo.Pci.Spdm;
using TeeIo.Spdm.Tests.Ends;

namespace TeeIo.Spdm.Tests.Hostile;

/// <summary>A whole life on a wire that keeps packets and gives them again, at another place or in another life.</summary>
public sealed class ReorderedLifeTests(ITestOutputHelper output)
{
    private const int OtherSeed = 77;

    public static TheoryData<string, bool> Lanes() => TamperedLifeTests.Lanes();

    [Theory]
    [MemberData(nameof(Lanes))]
    public void A_packet_in_the_place_of_a_later_one_is_never_believed(string name, bool isRequest)
    {
        Recording recording = Begin(name, out OrderRules rules, out HostileRun run);
        foreach ((int place, int other) in Pairs(recording, (place, other) => other < place))
        {
            byte[]? kept = null;
            byte[] exchange(int step, byte[] packet)
            {
                if (step == other) kept = packet;
                return step == place ? kept! : packet;
            }

            Live(run, $"step {other} again at step {place}", isRequest, exchange, rules.Exchanged(place, isRequest, recording.Steps[other], other >= recording.FirstRecord));
        }

        run.End($"replays of {Kind(isRequest)} in the place of others");
    }

    [Theory]
    [MemberData(nameof(Lanes))]
    public void A_packet_of_another_life_is_never_believed(string name, bool isRequest)
    {
        Recording recording = Begin(name, out OrderRules rules, out HostileRun run);
        var twin = Recording.Of(recording.Lane, OtherSeed);
        Splice(run, rules, recording, twin, isRequest, hasOtherVersion: false);
        run.End($"splices of {Kind(isRequest)} of another life");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_packet_of_a_life_in_another_version_is_never_believed(bool isRequest)
    {
        Recording recording = Begin(Lane.All[0].Name, out OrderRules rules, out HostileRun run);
        var twin = Recording.Of(recording.Lane with { Versions = [SpdmConstants.Version12] }, OtherSeed);
        Splice(run, rules, recording, twin, isRequest, hasOtherVersion: true);
        run.End($"splices of {Kind(isRequest)} of another version");
    }

    [Theory]
    [MemberData(nameof(Lanes))]
    public void A_request_that_comes_twice_is_served_once(string name, bool isItsOwn)
    {
        Recording recording = Begin(name, out OrderRules rules, out HostileRun run);
        foreach ((int place, int other) in Pairs(recording, (place, other) => isItsOwn ? other == place : other < place))
        {
            byte[]? kept = null;
            Wire wire = new()
            {
                Before = (step, packet) =>
                {
                    if (step == other) kept = packet;
                    return step == place ? kept : null;
                },
            };
            run.Live($"step {other} once more before step {place}", wire, rules.Repeated(place, other));
        }

        run.End(isItsOwn ? "requests that come twice" : "requests that come again later");
    }

    private static void Splice(HostileRun run, OrderRules rules, Recording recording, Recording twin, bool isRequest, bool hasOtherVersion)
    {
        foreach ((int place, int other) in Pairs(recording, (_, other) => other < twin.Steps.Count))
        {
            Step own = recording.Steps[place];
            Step strange = twin.Steps[other];
            byte[] packet = isRequest ? strange.RequestPacket : strange.ResponsePacket;
            if (packet.AsSpan().SequenceEqual(isRequest ? own.RequestPacket : own.ResponsePacket)) continue;
            Live(run, $"step {other} of another life at step {place}", isRequest, (step, live) => step == place ? packet : live, rules.Exchanged(place, isRequest, strange, other >= twin.FirstRecord, hasOtherVersion));
        }
    }

    private Recording Begin(string name, out OrderRules rules, out HostileRun run)
    {
        var lane = Lane.Of(name);
        var recording = Recording.Of(lane);
        (rules, run) = (new OrderRules(recording), new HostileRun(lane, output));
        return recording;
    }

    /// <summary>Two steps of each kind that is asked for; in a sample each n-th.</summary>
    private static IEnumerable<(int Place, int Other)> Pairs(Recording recording, Func<int, int, bool> isAsked)
    {
        int count = recording.Steps.Count;
        int number = 0;
        for (int place = 0; place < count; place++)
        {
            for (int other = 0; other < count; other++)
            {
                if (isAsked(place, other) && HostileExtent.HasPair(number++)) yield return (place, other);
            }
        }
    }

    private static void Live(HostileRun run, string name, bool isRequest, Func<int, byte[], byte[]> change, Verdict expected) =>
        run.Live(name, isRequest ? new Wire { Request = change } : new Wire { Response = change }, expected);

    private static string Kind(bool isRequest) => isRequest ? "requests" : "responses";
}
