using TeeIo.Pci.Spdm;
using TeeIo.Spdm.Tests.Ends;

namespace TeeIo.Spdm.Tests.Hostile;

/// <summary>Lives lives that somebody tampers with, and compares how they end with how they must.</summary>
internal sealed class HostileRun(Lane lane, ITestOutputHelper output)
{
    private const int Seed = 1;
    private const int Shown = 10;

    /// <summary>Each so many-th life, both ends begin again afterwards: what was done to them leaves nothing behind.</summary>
    private const int Revived = 16;

    private readonly Dictionary<Verdict, int> _verdicts = [];
    private readonly List<string> _wrong = [];
    private int _cases;

    /// <summary>One life.</summary>
    /// <param name="name">What is done to it.</param>
    /// <param name="wire">How it is done.</param>
    /// <param name="expected">How it must end.</param>
    public void Live(string name, Wire wire, Verdict expected)
    {
        _cases++;
        try
        {
            Judge(name, wire, expected);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Wrong(name, e.ToString());
        }
    }

    /// <summary>Says what was found.</summary>
    public void End(string kind)
    {
        output.WriteLine($"{lane}, {kind}: {_cases} cases, seed {Seed}, {_wrong.Count} wrong");
        foreach ((DeviceFailure failure, int count) in _verdicts.GroupBy(pair => pair.Key.Failure).Select(group => (group.Key, group.Sum(pair => pair.Value)))) output.WriteLine($"  {failure}: {count}");
        Assert.True(_cases > 0, "no case was run");
        Assert.True(_wrong.Count == 0, $"{_wrong.Count} of {_cases} end otherwise, seed {Seed}:\n{string.Join('\n', _wrong.Take(Shown))}");
    }

    private void Judge(string name, Wire wire, Verdict expected)
    {
        using Pair pair = new(lane, Seed);
        bool isGood = pair.Live(wire);
        Verdict found = new(pair.Last.Failure, pair.Asked, pair.Responder.HasSession);
        _verdicts[found] = _verdicts.GetValueOrDefault(found) + 1;
        if (found != expected) Wrong(name, $"{found} ({pair.Last.Detail}), not {expected}");
        if (isGood != (found.Failure == DeviceFailure.None)) Wrong(name, "an end that isn't told");

        // Whatever happens: nobody believes what wasn't said, and a life that failed has no session.
        if (pair.Requester.IsUp || pair.Requester.SessionId != 0) Wrong(name, "the requester has a session left");
        if (!IsBegin(pair.Device.Heard) || !IsBegin(pair.Taken)) Wrong(name, "an end took what the other didn't say");
        if (!pair.Requester.Certificates.IsEmpty && !pair.Requester.Certificates.Span.SequenceEqual(lane.Chain.Slot.Chain(pair.Requester.Suite!.Hash))) Wrong(name, "other certificates are believed");
        if (!pair.Requester.Measurements.IsEmpty && !IsMeasured(pair)) Wrong(name, "other measurements are believed");
        if (_cases % Revived != 0) return;
        pair.Restart();
        pair.Device.Heard.Clear();
        pair.Taken.Clear();
        if (!pair.Live() || pair.Device.Heard.Count != Pair.Said.Count) Wrong(name, $"the ends can't begin again: {pair.Last.Failure}, {pair.Last.Detail}");
    }

    private static bool IsBegin(List<byte[]> heard) => heard.Count <= Pair.Said.Count && heard.Index().All(pair => pair.Item.AsSpan().SequenceEqual(Pair.Said[pair.Index]));

    private static bool IsMeasured(Pair pair)
    {
        byte[] blocks = [.. pair.Device.Measure().SelectMany(measurement => measurement.ToBlock(pair.Requester.Suite!.MeasurementHash))];
        return pair.Requester.Measurements.Span.SequenceEqual(blocks);
    }

    private void Wrong(string name, string what) => _wrong.Add($"{name}: {what}");
}
