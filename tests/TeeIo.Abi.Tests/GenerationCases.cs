namespace TeeIo.Abi.Tests;

/// <summary>Wrong specs of several generations, and of the kinds whose arguments stand in no record.</summary>
internal static class GenerationCases
{
    private const string Old = """
        abi: old-calls
        kind: register-call
        namespace: Test.Old
        doc: calls
        source: nowhere
        status: model
        generation: "2023"
        framing: { selector: rax, status: rax }
        calls:
          A: { nr: 1, doc: d }

        """;

    private const string User = """
        abi: user
        kind: register-call
        namespace: Test.User
        doc: calls
        source: nowhere
        status: model

        """;

    private const string Calls = "framing: { selector: rax, status: rax }\ncalls:\n";

    private const string States = "enums: { states: { doc: d, values: { RUN: { value: 1, doc: d }, REST: { value: unknown, doc: d } } } }\n" + Calls;

    private const string Sysfs = """
        abi: files
        kind: sysfs
        namespace: Test.Files
        doc: files
        source: nowhere
        status: model
        calls:

        """;

    private const string Netlink = """
        abi: family
        kind: netlink
        namespace: Test.Family
        doc: a family
        source: nowhere
        status: model
        enums:
          attr: { doc: attributes, values: { NAME: { value: 1, doc: a name } } }

        """;

    private const string Commands = Netlink + "framing: { family: f, version: 1, attributes: attr }\ncalls:\n";

    public static IReadOnlyList<RuleCase> All { get; } =
    [
        new("ABI0006", Sysfs + "  §connect: { access: r, doc: d, out: [{ name: v, type: text, doc: d }] }\n"),
        new("ABI0006", Sysfs + "  §connect: { path: /sys/a, doc: d, out: [{ name: v, type: text, doc: d }] }\n"),
        new("ABI0006", Netlink + "§framing: { family: f }\n"),
        new("ABI0006", Commands + "  §GET: { nr: 1, doc: d }\n"),
        new("ABI0006", User + "§mixes: [a, b]\n"),
        new("ABI0007", Sysfs + "  connect: { path: §connect, access: r, doc: d, out: [{ name: v, type: text, doc: d }] }\n"),
        new("ABI0007", Commands + "  GET: { nr: 1, mode: §get, doc: d }\n"),
        new("ABI0022", Netlink + "framing: { family: f, attributes: §atr }\n"),
        new("ABI0022", Commands + "  GET: { nr: 1, mode: do, doc: d, out: [{ name: §MANE, type: text, doc: d }] }\n"),
        new("ABI0022", User + Calls + "  A: { nr: 1, doc: d, allowed: { §states: [RUN] } }\n"),
        new("ABI0022", User + States + "  A: { nr: 1, doc: d, allowed: { states: [RUN, §WALK] } }\n"),
        new("ABI0022", User + States + "  A: { nr: 1, doc: d, allowed: { states: §WALK } }\n"),
        new("ABI0022", User + Calls + "  A: { nr: 1, doc: d, then: { §states: [RUN] } }\n"),
        new("ABI0022", User + States + "  A: { nr: 1, doc: d, then: { §status: RUN } }\n"),
        new("ABI0022", User + States + "  A: { nr: 1, doc: d, then: { states: §WALK } }\n"),
        new("ABI0022", User + States + "  A: { nr: 1, doc: d, then: { states: [RUN, REST, §WALK] } }\n"),
        new("ABI0022", User + States + "  A: { nr: 1, doc: d, then: { states: §\"\" } }\n"),
        new("ABI0022", User + States + "  A: { nr: 1, doc: d, allowed: { any-of: { states: RUN, §status: RUN } } }\n"),
        new("ABI0022", User + States + "  A: { nr: 1, doc: d, allowed: { any-of: { §status: RUN, states: RUN } } }\n"),
        new("ABI0022", User + States + "  A: { nr: 1, doc: d, then: { §any-of: RUN } }\n"),
        new("ABI0007", User + States + "  A: { nr: 1, doc: d, allowed: { §any-of: { states: RUN } } }\n"),
        new("ABI0007", User + States + "  A: { nr: 1, doc: d, allowed: { any-of: §RUN } }\n"),
        new("ABI0007", User + States + "  A: { nr: 1, doc: d, then: { §states: [] } }\n"),
        new("ABI0007", User + States + "  A: { nr: 1, doc: d, then: { §states: { RUN: REST } } }\n"),
        new("ABI0007", User + States + "  A: { nr: 1, doc: d, §then: [RUN] }\n"),
        new("ABI0007", User + States + "  A: { nr: 1, doc: d, allowed: §RUN }\n"),
        new("ABI0005", User + States + "  A: { nr: 1, doc: d, §than: { states: RUN } }\n"),
        new("ABI0022", User + Calls + "  A: { nr: 1, doc: d }\nsequences: { s: { doc: d, steps: [{ call: A }, { call: §AA }] } }\n"),
        new("ABI0022", User + "uses: [old-calls]\nsequences: { s: { doc: d, steps: [{ call: A }, { call: §B, repeat: until it is done }] } }\n", Old),
        new("ABI0006", User + Calls + "  A: { nr: 1, doc: d }\nsequences: { §s: { doc: d, steps: [] } }\n"),
        new("ABI0006", User + Calls + "  A: { nr: 1, doc: d }\nsequences: { s: { doc: d, steps: [§{ repeat: for ever }] } }\n"),
        new("ABI0005", User + Calls + "  A: { nr: 1, doc: d }\nsequences: { s: { doc: d, steps: [{ call: A, §repeats: for ever }] } }\n"),
        new("ABI0005", User + Calls + "  A: { nr: 1, doc: d }\nsequences: { s: { doc: d, §step: A, steps: [{ call: A }] } }\n"),
        new("ABI0028", Sysfs + "  connect: { path: /sys/a, access: r, doc: d, out: [{ name: v, type: text, doc: d }], errors: { §EBUSSY: d } }\n", SpecText.Errnos),
        new("ABI0029", User + "uses: [§old-calls]\ngeneration: \"2025\"\n" + Calls + "  B: { nr: 1, doc: d }\n", Old),
        new("ABI0029", User + Calls + "  A: { nr: 1, generation: \"2023\", doc: d }\n  B: { nr: 2, generation: §\"2025\", doc: d }\n"),
        new("ABI0029", User + "profile: §p\ngeneration: \"2025\"\n", Old + "profile: p\n"),
        new("ABI0030", Sysfs + "  connect: { path: /sys/a, access: §rw, doc: d, out: [{ name: v, type: text, doc: d }] }\n"),
        new("ABI0030", Sysfs + "  connect: { path: /sys/a, access: r, doc: d, in: [{ name: §v, type: text, doc: d }], out: [{ name: v, type: text, doc: d }] }\n"),
        new("ABI0030", Commands + "  CHANGED: { nr: 1, mode: event, doc: d, in: [{ name: §NAME, type: text, doc: d }] }\n"),
    ];
}
