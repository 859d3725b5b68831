using TeeIo.Abi.Model;

namespace TeeIo.Abi.Tests;

/// <summary>Two statements of one order hold each other: the sequences in <c>abi-spec/</c>, and the states in which calls work.</summary>
public class SequenceFilesTests
{
    /// <summary>Pages and addresses, of which an operation has many at a time, each in another state.</summary>
    private static readonly string[] s_manifold = ["page-type", "metadata-page-type", "range-state", "hipas", "ripas", "sept-state"];

    private static readonly Lazy<AbiSet> s_set = new(SpecFilesTests.Load);

    public static TheoryData<string, string> Sequences
    {
        get
        {
            TheoryData<string, string> data = [];
            foreach (AbiSpec spec in s_set.Value.Specs)
            {
                foreach (Sequence sequence in spec.Sequences) data.Add(spec.Name, sequence.Name);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Sequences))]
    public void No_sequence_makes_a_call_where_what_came_before_forbids_it(string spec, string sequence) => Assert.Null(Refused(spec, Steps(spec, sequence)));

    // The orders that the TDX module enforces, each turned round; and one of Arm's.
    [Theory]
    [InlineData("tdx-sequences", "unbind", "TDH.MMIO.BLOCK", "TDH.MMIO.UNMAP")]
    [InlineData("tdx-sequences", "unbind", "TDH.MMIO.UNMAP", "TDH.TDI.REMOVE")]
    [InlineData("tdx-sequences", "unbind", "TDH.DMAR.BLOCK", "TDH.DMAR.REMOVE")]
    [InlineData("tdx-sequences", "unbind", "TDH.DMAR.REMOVE", "TDH.TDI.REMOVE")]
    [InlineData("tdx-sequences", "disconnect", "TDH.IDE.STREAM.BLOCK", "TDH.IDE.STREAM.DELETE")]
    [InlineData("tdx-sequences", "disconnect", "TDH.IDE.STREAM.DELETE", "TDH.SPDM.DELETE")]
    [InlineData("tdx-sequences-2023", "unbind", "TDH.MMIO.UNMAP", "TDH.DEVIF.REMOVE")]
    [InlineData("tdx-sequences-2023", "unbind", "TDH.DMAR.REMOVE", "TDH.DEVIF.REMOVE")]
    [InlineData("cca-sequences", "connect", "RMI_PDEV_STREAM_CONNECT", "RMI_PDEV_STREAM_COMPLETE")]
    public void Two_calls_turned_round_are_seen(string spec, string sequence, string first, string second)
    {
        List<SequenceStep> steps = [.. Steps(spec, sequence)];
        (int from, int to) = (steps.FindLastIndex(s => s.Call == first), steps.FindLastIndex(s => s.Call == second));
        Assert.True(from >= 0 && from < to);
        (steps[from], steps[to]) = (steps[to], steps[from]);
        Assert.NotNull(Refused(spec, steps));
    }

    [Theory]
    [InlineData("TDH.MEM.TRACK", "TDH.MMIO.UNMAP needs tlb-tracking-state DONE")]
    [InlineData("TDH.TDI.STOP", "TDH.MMIO.UNMAP needs tdi-state CONFIG_UNLOCKED, or ide-stream-state BLOCKED")]
    [InlineData("TDG.TDI.START", "TDH.TDI.START needs tdi-authorisation AUTHORISED")]
    public void A_call_left_out_is_seen(string call, string told)
    {
        SequenceStep[] life = [.. Steps("tdx-sequences", "bind"), new("TDG.TDI.START", null, null, ""), .. Steps("tdx-sequences", "start"), .. Steps("tdx-sequences", "unbind")];
        Assert.Null(Refused("tdx-sequences", life));
        Assert.Equal(told, Refused("tdx-sequences", life.Where(s => s.Call != call)));
    }

    private static EquatableArray<SequenceStep> Steps(string spec, string sequence) => s_set.Value.Spec(spec)!.Sequences.Single(s => s.Name == sequence).Steps;

    /// <summary>The first step that what came before forbids, or null. Where a call leads to one of several states, or a step isn't always made, any of them will do; so will all where nothing came before.</summary>
    private static string? Refused(string name, IEnumerable<SequenceStep> steps)
    {
        Dictionary<string, Call> calls = s_set.Value.Spec(name)!.Uses.Select(s_set.Value.Spec).OfType<AbiSpec>().SelectMany(s => s.Calls).DistinctBy(c => c.Name).ToDictionary(c => c.Name);
        Dictionary<string, HashSet<string>> states = [];
        foreach (SequenceStep step in steps)
        {
            Call call = calls[step.Call];
            foreach (CallStates allowed in call.Allowed.Where(a => step.If is null && IsKnown(a)))
            {
                CallStates[] possible = [.. allowed.Else.Prepend(allowed).Where(a => !states.TryGetValue(a.Enum, out HashSet<string>? known) || known.Overlaps(a.Values))];
                if (possible.Length == 0) return $"{call.Name} needs {allowed}";
                if (possible.Length > 1) continue;
                states.TryAdd(possible[0].Enum, [.. possible[0].Values]);
                states[possible[0].Enum].IntersectWith(possible[0].Values);
            }

            foreach (CallStates then in call.Then)
            {
                IEnumerable<string> before = step.If is null ? [] : states.GetValueOrDefault(then.Enum, []);
                if (step.If is null || states.ContainsKey(then.Enum)) states[then.Enum] = [.. before, .. then.Values];
            }
        }

        return null;

        // What none of the calls at hand leads to, a call of another spec does.
        bool IsKnown(CallStates allowed) =>
            !s_manifold.Contains(allowed.Enum) && (allowed.Else.Count > 0 || calls.Values.Any(c => c.Then.Any(t => t.Enum == allowed.Enum && t.Values.Intersect(allowed.Values).Any())));
    }
}
