using TeeIo.Abi.Tool.Comparing;

namespace TeeIo.Abi.Tool.Tests;

public class DiffTests
{
    private const string Head = """
        abi: test
        kind: ioctl
        namespace: Test
        doc: d
        source: s
        status: upstream
        sides: { client: a, server: b }
        framing: { type: ";" }
        objects: { file: { class: File, doc: d } }

        """;

    private const string Before = Head + """
        enums:
          mode:
            doc: d
            values:
              ONE: { value: 1, doc: d }
              TWO: { value: 2, doc: d }
          phase:
            doc: d
            values:
              ON: { value: 1, doc: d }
              OFF: { value: 0, doc: d }
        structs:
          growing:
            doc: d
            extensible: { size-field: size, min: 8 }
            fields:
              - { name: size, type: u32, is: size }
              - { name: flags, type: u32, doc: d }
              - { name: address, type: u64, doc: d }
              - { name: __reserved, type: u32, is: zero }
              - { name: pad, type: u32, is: ignored }
          fixed:
            doc: d
            fields:
              - { name: first, type: u32, doc: d }
              - { name: second, type: u32, doc: d }
        calls:
          GROW: { nr: 0x80, arg: growing, doc: d }
          FIX: { nr: 0x81, arg: fixed, doc: d }
          SEE: { nr: 0x85, doc: d }
          RUN: { nr: 0x82, allowed: { phase: [ON, OFF] }, then: { phase: OFF }, doc: d }
          CUT: { nr: 0x84, allowed: { any-of: { phase: [ON, OFF], mode: ONE } }, doc: d }
        sequences:
          begin:
            doc: d
            steps: [{ call: SEE }, { call: GROW, if: it is small }, { call: GROW, repeat: until it fits }, { call: RUN, doc: d }]
          end:
            doc: d
            steps: [{ call: CUT }]

        """;

    public static TheoryData<string, string, string> Cases => new()
    {
        { "FIX: { nr: 0x81", "FIX: { nr: 0x83", "N01" },
        { "FIX: { nr: 0x81, arg: fixed", "OTHER: { nr: 0x81, arg: growing", "N02" },
        { "TWO: { value: 2", "TWO: { value: 4", "N03" },
        { "- { name: first, type: u32, doc: d }\n      - { name: second, type: u32, doc: d }", "- { name: second, type: u32, doc: d }\n      - { name: first, type: u32, doc: d }", "L01 L01" },
        { "name: second, type: u32", "name: second, type: u64", "L01 L02 L03" },
        { "- { name: second, type: u32, doc: d }", "- { name: second, type: u32, doc: d }\n      - { name: third, type: u32, doc: d }", "L03 L03" },
        { "arg: fixed", "arg: growing", "L04" },
        { "  FIX: { nr: 0x81, arg: fixed, doc: d }\n", "", "M01" },
        { "name: address, type: u64, doc: d", "name: address, type: u64, is: const, value: 3", "M03" },
        { "name: flags, type: u32, doc: d", "name: flags, type: u32, dir: out, doc: d", "M04" },
        { "GROW: { nr: 0x80, arg: growing", "GROW: { nr: 0x80, returns: fd, arg: growing", "M05" },
        { "min: 8", "min: 16", "M06" },
        { "min: 16", "min: 8", "" },
        { "- { name: pad, type: u32, is: ignored }", "- { name: more, type: u32, doc: d }", "M07 S03" },
        { "type: \";\"", "type: \":\"", "M08 N01 N01 N01 N01 N01" },
        { "allowed: { phase: [ON, OFF] }", "allowed: { phase: [ON] }", "M09" },
        { "allowed: { phase: [ON, OFF] }", "allowed: { phase: [OFF, ON] }", "" },
        { "allowed: { phase: [ON, OFF] }, ", "", "M09" },
        { "then: { phase: OFF }", "then: { phase: [OFF] }", "" },
        { "then: { phase: OFF }", "then: { phase: ON }", "M09" },
        { ", then: { phase: OFF }", "", "M09" },
        { "any-of: { phase: [ON, OFF], mode: ONE }", "any-of: { mode: ONE, phase: [OFF, ON] }", "" },
        { "any-of: { phase: [ON, OFF], mode: ONE }", "any-of: { mode: TWO, phase: [ON, OFF] }", "M09" },
        { "any-of: { phase: [ON, OFF], mode: ONE }", "phase: [ON, OFF], mode: ONE", "M09" },
        { "{ call: GROW, if: it is small }, { call: GROW, repeat: until it fits }", "{ call: GROW, repeat: until it fits }, { call: GROW, if: it is small }", "M10" },
        { "if: it is small", "if: it is large", "M10" },
        { "repeat: until it fits", "repeat: twice", "M10" },
        { "{ call: SEE }, ", "", "M10" },
        { "{ call: RUN, doc: d }]", "{ call: RUN, doc: d }, { call: CUT }]", "M10" },
        { "{ call: RUN, doc: d }]", "{ call: RUN, doc: another }]", "" },
        { "  end:\n    doc: d\n    steps: [{ call: CUT }]\n", "", "S03" },
        { "  end:\n", "  more:\n    doc: d\n    steps: [{ call: CUT }]\n  end:\n", "A01" },
        { "TWO:", "ZWEI:", "S01" },
        { "name: first, type: u32", "name: first, type: mode", "S02" },
        { "      TWO: { value: 2, doc: d }\n", "", "S03" },
        { "- { name: pad, type: u32, is: ignored }", "- { name: pad, type: u32, is: ignored }\n      - { name: more, type: u64, doc: d }", "A01 A02" },
        { "      TWO:", "      THREE: { value: 3, doc: d }\n      TWO:", "A01" },
        { "- { name: __reserved, type: u32, is: zero }", "- { name: more, type: u32, doc: d }", "A03 S03" },
        { "min: 8", "min: 4", "A05" },
        { "doc: d }\n      TWO", "doc: another sentence }\n      TWO", "" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Each_change_has_its_rule(string old, string now, string rules)
    {
        string after = Before.Replace(old, now, StringComparison.Ordinal);
        Assert.Equal(rules.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order(), Changes(Before, after).Select(c => c.Rule.Id).Order());
    }

    [Fact]
    public void The_worst_comes_first()
    {
        string after = Before.Replace("TWO: { value: 2", "THREE: { value: 3, doc: d }\n      TWO: { value: 4", StringComparison.Ordinal).Replace("min: 8", "min: 16", StringComparison.Ordinal);
        Assert.Equal([ChangeClass.Number, ChangeClass.Semantic, ChangeClass.Addition], Changes(Before, after).Select(c => c.Rule.Class));
    }

    [Fact]
    public void Of_a_sequence_that_changed_the_calls_are_shown_in_which_it_did()
    {
        Change change = Assert.Single(Changes(Before, Before.Replace("{ call: GROW, if: it is small }, ", "{ call: CUT }, ", StringComparison.Ordinal)));
        Assert.Equal(("sequence begin", "2: GROW (if it is small)", "2: CUT"), (change.Item, change.Before, change.After));
        change = Assert.Single(Changes(Before, Before.Replace("{ call: GROW, if: it is small }, ", "", StringComparison.Ordinal)));
        Assert.Equal(("2: GROW (if it is small)", "nothing"), (change.Before, change.After));
    }

    private const string Flow = """
        abi: test-flow
        kind: flow
        namespace: Test
        doc: d
        source: s
        status: upstream
        uses: [test]
        flow:
          columns: [{ actor: vmm, title: QEMU }, { actor: vfio, title: VFIO }]
          effects:
            - { match: { call: FIX, side: server }, set: { bound: "yes" } }
          rows:
            "1": { actor: vmm, step: fix, how: call, match: [{ call: FIX, side: client }], doc: d }
            "2": { actor: vfio, step: run, how: call, match: [{ call: RUN, side: server, within: FIX }, { call: GROW, side: server }], after: ["1"], when: ["bound=yes"] }
            "3": { actor: vmm, step: rest, how: absent, reason: nobody rests }

        """;

    public static TheoryData<string, string, string> FlowCases => new()
    {
        { "how: absent, reason: nobody rests", "how: call, match: [{ call: SEE, side: client }]", "M11 row 3: absent → call, SEE client" },
        { ", within: FIX", "", "M11 row 2: RUN server within FIX → RUN server" },
        { "{ call: RUN, side: server, within: FIX }, { call: GROW, side: server }", "{ call: GROW, side: server }, { call: RUN, side: server, within: FIX }", "M11 row 2: the same in another order → the same in another order" },
        { "after: [\"1\"]", "after: [\"3\"]", "M11 row 2: after 1 → after 3" },
        { "when: [\"bound=yes\"]", "when: [\"bound=no\"]", "M11 row 2: when bound=yes → when bound=no" },
        { "actor: vmm, step: rest", "actor: vfio, step: rest", "M11 row 3: by vmm → by vfio" },
        { "set: { bound: \"yes\" }", "set: { bound: \"no\" }", "M11 bound after FIX server: yes → no" },
        { "    - { match: { call: FIX, side: server }, set: { bound: \"yes\" } }", "    - { match: { call: RUN, side: server }, set: { bound: \"yes\" } }", "M11 bound after FIX server: yes →  | M11 bound after RUN server:  → yes" },
        { "    \"3\": { actor: vmm, step: rest, how: absent, reason: nobody rests }\n", "", "S03 row 3: by vmm, absent → " },
        { "    \"3\":", "    \"4\": { actor: vmm, step: end, how: no-op, reason: r }\n    \"3\":", "A01 row 4:  → by vmm, no-op" },
        { "reason: nobody rests", "reason: nobody may rest", "" },
        { "doc: d }\n    \"2\"", "doc: another }\n    \"2\"", "" },
    };

    [Theory]
    [MemberData(nameof(FlowCases))]
    public void Each_change_of_a_flow_has_its_rule_and_says_what_it_is(string old, string now, string changes)
    {
        Assert.Contains(old, Flow, StringComparison.Ordinal);
        IEnumerable<Change> found = SetComparison.Compare(Set(Before, Flow), Set(Before, Flow.Replace(old, now, StringComparison.Ordinal)));
        Assert.Equal(changes, string.Join(" | ", found.Select(c => $"{c.Rule.Id} {c.Item}: {c.Before} → {c.After}")));
    }

    [Fact]
    public void Ids_are_unique() => Assert.Equal(ChangeRule.All.Count, ChangeRule.All.Select(r => r.Id).Distinct().Count());

    [Theory]
    [InlineData("TWO: { value: 2", "TWO: { value: 4", ExitCode.Found)]
    [InlineData("min: 8", "min: 4", ExitCode.Ok)]
    public void The_exit_code_tells_whether_it_breaks(string old, string now, int code)
    {
        using StringWriter output = new();
        Assert.Equal(code, DiffCommand.Run(Set(Before), Set(Before.Replace(old, now, StringComparison.Ordinal)), isBreakingOnly: false, Output.OutputFormat.Json, output));
        Assert.Contains("\"changes\"", output.ToString(), StringComparison.Ordinal);
    }

    private static IReadOnlyList<Change> Changes(string before, string after) => SetComparison.Compare(Set(before), Set(after));

    private static AbiSet Set(params IEnumerable<string> texts)
    {
        AbiSet set = AbiSet.Load(texts.Select((t, i) => ($"test{i}.abi.yaml", t)));
        Assert.DoesNotContain(set.Diagnostics, d => d.Severity == AbiSeverity.Error);
        return set;
    }
}
