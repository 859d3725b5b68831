namespace TeeIo.Abi.Tests;

/// <summary>A wrong spec for every rule.</summary>
internal static class RuleCases
{
    private const string Head = SpecText.IoctlHead;
    private const string Struct = Head + "structs:\n  s:\n    doc: a record\n";
    private const string Fields = Struct + "    fields:\n";
    private const string Calls = Head + "framing: { type: \";\" }\ncalls:\n";
    private const string Values = Head + "enums:\n  e:\n    doc: an enum\n    values:\n";

    private const string Message = """
        abi: test-message
        kind: message
        namespace: Test.Message
        doc: messages
        source: nowhere
        status: model
        structs:
          h:
            doc: the header
            fields:
              - { name: code, type: u8, doc: the code }

        """;

    private const string Codes = """
        enums:
          codes: { doc: codes, values: { ASK: { value: 1, doc: a request }, ANSWER: { value: 2, doc: a response }, SORRY: { value: 3, doc: an error } } }
          reasons: { type: u8, prefix: WHY_, doc: reasons, values: { BUSY: { value: 1, doc: busy } } }
          others: { type: u8, doc: reasons of others, values: { FULL: { value: 1, doc: full } } }

        """;

    private const string Messages = """
        abi: test-message
        kind: message
        namespace: Test.Message
        doc: messages
        source: nowhere
        status: model

        """ + Codes + """
        structs:
          h: { doc: the header, fields: [{ name: code, type: codes, doc: the code }, { name: reserved, type: u16, is: zero }] }
          ask: { doc: asks, fields: [{ name: header, type: h, doc: ASK }] }
          late: { doc: a header too late, fields: [{ name: x, type: u32, doc: x }, { name: header, type: h, doc: ASK }] }
          sorry: { doc: refuses, fields: [{ name: header, type: h, doc: SORRY }, { name: reason, type: reasons, doc: why }] }

        """;

    private const string Framed = Messages + "framing: { header: h, code: code, error: sorry, error-field: reason, error-enum: reasons }\ncalls:\n";

    private const string Mailbox = """
        abi: test-mailbox
        kind: mailbox
        namespace: Test.Mailbox
        doc: a mailbox
        source: nowhere
        status: model

        """ + Codes + """
        structs:
          h: { doc: the buffer, fields: [{ name: code, type: u8, doc: the code }, { name: version, type: u8, doc: the version }] }

        """;

    private const string Registers = """
        abi: test-registers
        kind: register-call
        namespace: Test.Registers
        doc: register calls
        source: nowhere
        status: model

        """ + Codes;

    private const string RegisterCalls = Registers + "framing: { selector: rax, selector-bits: \"7:0\", version-bits: \"15:8\", status: rax, status-enum: reasons, fixed: { r10: 0 } }\ncalls:\n";

    private const string Ops = """
        abi: test-ops
        kind: ops
        namespace: Test.Ops
        doc: ops
        source: nowhere
        status: model
        sides: { client: a, server: b }
        locks: { outer: { doc: a lock } }
        interfaces:
          table:
            class: Table
            doc: a table
            ops:

        """;

    private const string Handles = """
        abi: test-ops
        kind: ops
        namespace: Test.Ops
        doc: ops
        source: nowhere
        status: model
        sides: { client: a, server: b }
        handles:
          thing:
            type: Test.Thing
            doc: a thing
            states:
              IdleThing: { when: bound=no, doc: an idle thing }

        """;

    private const string Driver = Handles + "interfaces:\n  table:\n    class: Table\n    driver: true\n    doc: a table\n    ops:\n";

    private static readonly string _flow = SpecText.Flow[..SpecText.Flow.IndexOf("    \"1\"", StringComparison.Ordinal)];

    public static IReadOnlyList<RuleCase> All { get; } =
    [
        new("ABI0001", "abi: [§a, b\nkind: ioctl\n"),
        new("ABI0001", Head + "uses: §]\n"),
        new("ABI0001", "§"),
        new("ABI0001", Head + "§---\nabi: second\n"),
        new("ABI0001", Head + "? §[a]\n: b\n"),
        new("ABI0002", "abi: " + new string('[', 63) + "§" + new string('[', 40)),
        new("ABI0003", "abi: §&name test\n"),
        new("ABI0003", "abi: §*name\n"),
        new("ABI0003", "abi: §!!str test\n"),
        new("ABI0004", "§# " + new string('x', 1 << 20)),
        new("ABI0005", Head + "§struct: { }\n"),
        new("ABI0005", Fields + "      - { name: a, §typ: u8, type: u8, doc: d }\n"),
        new("ABI0005", Values + "      A: { value: 1, doc: d, §sinse: \"1\" }\n"),
        new("ABI0005", Calls + "  A: { nr: 1, doc: d, §response-nr: 2 }\n"),
        new("ABI0006", "§abi: test\nkind: ioctl\ndoc: d\nsource: s\nstatus: model\n"),
        new("ABI0006", Fields + "      - { name: §a, doc: d }\n"),
        new("ABI0006", Fields + "      - §{ type: u8, doc: d }\n"),
        new("ABI0006", Calls + "  §A: { doc: d }\n"),
        new("ABI0006", Head + "framing: { type: 0xAE, encodes-size: true }\ncalls:\n  §A: { nr: 1, doc: d }\n"),
        new("ABI0006", Head + "framing: { type: 0xAE }\nobjects: { a: { class: A, doc: d }, b: { class: B, doc: d } }\ncalls:\n  §A: { nr: 1, doc: d }\n"),
        new("ABI0006", Messages + "framing: { code: §code }\n"),
        new("ABI0006", Messages + "framing: { version-field: §code }\n"),
        new("ABI0006", Messages + "framing: { header: h, code: code, error: §sorry }\n"),
        new("ABI0006", Messages + "framing: { header: h, error: §sorry, error-field: reason }\n"),
        new("ABI0006", Messages + "framing: { header: h, code: code, error-field: §reason }\n"),
        new("ABI0006", Framed + "  §A: { nr: 1, arg: ask, result: ask, doc: d }\n"),
        new("ABI0006", Framed + "  §A: { nr: 1, response-nr: 2, result: ask, doc: d }\n"),
        new("ABI0006", Framed + "  §A: { nr: 1, response-nr: 2, arg: ask, doc: d }\n"),
        new("ABI0006", Mailbox + "framing: { version-field: §version }\n"),
        new("ABI0006", _flow + "    §\"1\": { actor: vmm, step: s, how: absent }\n"),
        new("ABI0007", Head.Replace("ioctl\n", "§ioctls\n", StringComparison.Ordinal)),
        new("ABI0007", Head.Replace("model", "§modell", StringComparison.Ordinal)),
        new("ABI0007", Head.Replace("Test.Ioctl", "§Test.class", StringComparison.Ordinal)),
        new("ABI0007", Fields + "      - { name: a, type: u8, is: §zeroed, doc: d }\n"),
        new("ABI0007", Fields + "      - { name: a, type: u8, count: §many, doc: d }\n"),
        new("ABI0007", Fields + "      - { name: a, type: u8, bits: §\"0:3\", doc: d }\n"),
        new("ABI0007", Head + "§enums: [a]\n"),
        new("ABI0007", Values + "      A: { value: 1, only-with: §o.B, doc: d }\n"),
        new("ABI0007", Values + "      A: { value: 1, only-with: §o.C, doc: d }\n  o: { doc: others, values: { B: { value: 1, doc: d } } }\n"),
        new("ABI0007", Values + "      A: { value: 1, only-with: §e.A, doc: d }\n"),
        new("ABI0007", "§just a text\n"),
        new("ABI0007", Calls + "  A: { nr: §1<<64, doc: d }\n"),
        new("ABI0007", Messages + "framing: { header: h, code: §reserved }\n"),
        new("ABI0007", Messages + "framing: { header: sorry, code: §header }\n"),
        new("ABI0007", Messages + "framing: { header: h, code: code, version-field: §code }\n"),
        new("ABI0007", Messages + "framing: { header: h, code: code, error: §late, error-field: x }\n"),
        new("ABI0007", Messages + "framing: { header: h, code: code, error: sorry, error-field: §header }\n"),
        new("ABI0007", Messages + "framing: { header: h, code: code, error: sorry, error-field: reason, error-enum: §others }\n"),
        new("ABI0007", Framed + "  A: { nr: 1, response-nr: 2, arg: §late, result: ask, doc: d }\n"),
        new("ABI0007", Framed + "  A: { nr: 1, response-nr: 2, arg: ask, result: §h, doc: d }\n"),
        new("ABI0008", Values + "      §A: { value: 1 }\n"),
        new("ABI0008", Fields + "      - { name: §a, type: u8 }\n"),
        new("ABI0009", Handles + "      OtherThing: { when: §bound=no, doc: the same }\n"),
        new("ABI0009", Handles.Replace("  thing:", "  §thing:", StringComparison.Ordinal) + "structs:\n  IdleThing:\n    doc: a record\n    fields:\n      - { name: a, type: u8, doc: d }\n"),
        new(
            "ABI0009",
            Head + "framing: { type: \";\" }\nstructs:\n  s:\n    doc: d\n    fields:\n      - { name: op, type: u32, doc: d }\n      - { name: id, type: u32, doc: d }\n"
            + "  t:\n    doc: d\n    fields:\n      - { name: §id, type: u32, doc: d }\ncalls:\n  A: { nr: 1, arg: s, doc: d }\n  B: { sub-call-of: A, select: { op: 1 }, arg: t, doc: d }\n"),
        new("ABI0009", Head + "ids: { a: { doc: d }, §a: { doc: d } }\n"),
        new("ABI0009", Fields + "      - { name: a, type: u8, doc: d }\n      - { name: §out_a, type: u8, doc: d }\n"),
        new("ABI0009", Head + "enums:\n  §a-id: { doc: d, values: { A: { value: 1, doc: d } } }\nids: { a: { doc: d } }\n"),
        new("ABI0009", Head.Replace("test\n", "§test\n", StringComparison.Ordinal), SpecText.IoctlHead),
        new("ABI0010", Calls + "  A: { nr: 1, doc: d }\n  B: { nr: §0x1, doc: d }\n"),
        new("ABI0010", Values + "      A: { value: 1, doc: d }\n      B: { value: §1, doc: d }\n"),
        new("ABI0010", Calls.Replace("calls", "structs: { s: { doc: d, fields: [{ name: f, type: u8, doc: d }] } }\ncalls", StringComparison.Ordinal)
            + "  A: { nr: 1, arg: s, doc: d }\n  B: { sub-call-of: A, select: { f: 1 }, doc: d }\n  C: { sub-call-of: A, §select: { f: 0x1 }, doc: d }\n"),
        new("ABI0011", Fields + "      - { name: §get_type, type: u8, doc: d }\n"),
        new("ABI0011", Fields + "      - { name: §s, type: u8, doc: d }\n"),
        new("ABI0011", Head + "ids:\n  §u8: { doc: d }\n"),
        new("ABI0012", Fields + "      - { name: a, type: §u128, doc: d }\n"),
        new("ABI0012", Fields + "      - { name: a, type: u64, is: user-pointer, to: §nothing, doc: d }\n"),
        new("ABI0012", Fields + "      - { name: a, type: §test_map, doc: d }\n", SpecText.Ioctl.Replace("abi: test", "abi: unused", StringComparison.Ordinal)),
        new("ABI0013", Fields + "      - { name: a, type: u64, doc: d }\n      - { name: b, at: §4, type: u32, doc: d }\n"),
        new("ABI0013", Fields + "      - { name: a, type: u32, bits: \"7:0\", doc: d }\n      - { name: b, type: u32, bits: §\"9:7\", doc: d }\n"),
        new("ABI0013", """
            abi: regs
            kind: register-call
            namespace: Test.Regs
            doc: d
            source: s
            status: model
            framing: { selector: rax, status: rax }
            calls:
              A: { nr: 1, doc: d, in: [{ name: a, reg: rcx, bits: "7:0", type: u8, doc: d }, { name: b, reg: §rcx, type: u64, doc: d }] }

            """),
        new("ABI0013", Registers + "framing: { selector: rax, selector-bits: \"15:0\", version-bits: §\"23:15\", status: rax }\n"),
        new("ABI0013", Registers + "framing: { selector: rax, status: rax, fixed: { rax: §0 } }\n"),
        new("ABI0013", RegisterCalls + "  A: { nr: 1, doc: d, in: [{ name: a, reg: §rax, type: u64, doc: d }] }\n"),
        new("ABI0013", RegisterCalls + "  A: { nr: 1, doc: d, in: [{ name: a, reg: §r10, type: u64, doc: d }] }\n"),
        new("ABI0014", Fields + "      - { name: a, type: u8, doc: d }\n      - { name: b, at: §1, type: u32, doc: d }\n"),
        new("ABI0014", Fields + "      - { name: a, type: u8, doc: d }\n      - { name: b, at: §8, type: u32, doc: d }\n"),
        new("ABI0015", Struct + "    size: §12\n    fields:\n      - { name: a, type: u64, doc: d }\n      - { name: b, type: u32, doc: d }\n"),
        new("ABI0016", Struct + "    packed: true\n    fields:\n      - { name: a, type: u8, doc: d }\n      - { name: b, at: §4, type: u32, doc: d }\n"),
        new("ABI0017", Fields + "      - { name: a, type: §t, doc: d }\n  t: { doc: d, fields: [{ name: a, type: s, doc: d }] }\n"),
        new("ABI0018", Fields + "      - { name: a, type: u64, is: user-pointer, length: §size, doc: d }\n"),
        new("ABI0018", Fields + "      - { name: a, type: u64, is: zero }\n      - { name: b, type: u8, count: flexible, length: §a, doc: d }\n"),
        new("ABI0019", Fields + "      - { name: a, type: u8, count: §flexible, doc: d }\n      - { name: b, type: u8, doc: d }\n"),
        new("ABI0020", Struct + "    extensible: { size-field: a, min: §6 }\n    fields:\n      - { name: a, type: u32, is: size }\n      - { name: b, type: u32, is: zero }\n"),
        new("ABI0020", Struct + "    extensible: { size-field: a, min: §16 }\n    fields:\n      - { name: a, type: u32, is: size }\n"),
        new("ABI0021", Head + "uses: [§nowhere]\n"),
        new("ABI0022", Driver + "      use: { doc: d, in: [{ name: thing, type: thing, doc: d }], contract: { before: bound=no, otherwise: §EPERM }, errors: { EINVAL: wrong } }\n"),
        new("ABI0022", Calls + "  A: { nr: 1, arg: §nothing, doc: d }\n"),
        new("ABI0022", Calls + "  A: { sub-call-of: §B, select: { a: 1 }, doc: d }\n"),
        new("ABI0022", Calls + "  A: { nr: 1, on: §vm, doc: d }\n"),
        new("ABI0022", Struct + "    extensible: { size-field: §argsz, min: 4 }\n    fields:\n      - { name: size, type: u32, is: size }\n"),
        new("ABI0022", Head + "ids: { a: { any-of: §b, doc: d } }\n"),
        new("ABI0022", Message + "framing: { header: h, code: §codes }\n"),
        new("ABI0022", Message + "framing: { header: h, code: code, error: h, error-field: code, error-enum: §none }\n"),
        new("ABI0022", Messages + "framing: { header: §hh, code: code }\n"),
        new("ABI0022", Messages + "framing: { header: §codes, code: code }\n"),
        new("ABI0022", Messages + "framing: { header: h, code: code, version-field: §versions }\n"),
        new("ABI0022", Messages + "framing: { header: h, code: code, error: §sorrow, error-field: reason }\n"),
        new("ABI0022", Messages + "framing: { header: h, code: code, error: §late, error-field: x }\n"),
        new("ABI0022", Messages + "framing: { header: h, code: code, error: sorry, error-field: §reasons }\n"),
        new("ABI0022", Mailbox + "framing: { header: h, code: §codes }\n"),
        new("ABI0022", Mailbox + "framing: { status-enum: §reason }\n"),
        new("ABI0022", Mailbox + "framing: { error-enum: §h }\n"),
        new("ABI0022", Registers + "framing: { selector: rax, status: rax, status-enum: §reason }\n"),
        new("ABI0022", Ops + "      op: { doc: d, contract: { §holds: [inner.read] } }\n"),
        new("ABI0022", Ops + "      op: { doc: d, contract: { §services: [tables] } }\n"),
        new("ABI0022", _flow + "    \"1\": { actor: §guest, step: s }\n", SpecText.Ioctl),
        new("ABI0022", _flow + "    \"1\": { actor: vmm, step: s, after: [§\"9\"] }\n", SpecText.Ioctl),
        new("ABI0022", _flow + "    \"1\": { actor: vmm, step: s, match: [{ call: §TEST_MAPS, side: client }] }\n", SpecText.Ioctl),
        new("ABI0022", _flow + "    \"1\": { actor: vmm, step: s, match: [{ call: TEST_MAP, side: client, result: §EPERM }] }\n", SpecText.Ioctl),
        new("ABI0023", _flow + "    \"1\": { actor: vmm, step: s, §after: [\"2\"] }\n    \"2\": { actor: vmm, step: s, after: [\"1\"] }\n", SpecText.Ioctl),
        new("ABI0024", Head.Replace("test\n", "profile-a\n", StringComparison.Ordinal)
            + "profile: a\nuses: [test]\nbase: { test: 0x85 }\nframing: { type: \";\" }\ncalls: { NEW: { nr: §0x85, doc: d } }\n", SpecText.Ioctl),
        new("ABI0022", Head.Replace("test\n", "profile-a\n", StringComparison.Ordinal)
            + "profile: a\nuses: [test]\nbase: { test: 0x85 }\nframing: { type: \";\" }\ncalls: { NEW: { nr: 0x85, replaces: §TEST_MAPS, doc: d } }\n", SpecText.Ioctl),
        new("ABI0007", Head.Replace("test\n", "profile-a\n", StringComparison.Ordinal)
            + "profile: a\nuses: [test]\nbase: { test: 0x85 }\nframing: { type: \";\" }\ncalls: { NEW: { nr: 0x86, replaces: §TEST_MAP, doc: d } }\n", SpecText.Ioctl),
        new("ABI0025", Values + "      A: { value: §1<<32, doc: d }\n"),
        new("ABI0025", Fields + "      - { name: a, type: u8, is: const, value: §256 }\n"),
        new("ABI0025", Fields + "      - { name: a, type: u8, bits: §\"8:0\", doc: d }\n"),
        new("ABI0025", Calls + "  A: { nr: §256, doc: d }\n"),
        new("ABI0025", Framed + "  A: { nr: §1<<32, response-nr: 2, arg: ask, result: ask, doc: d }\n"),
        new("ABI0025", Mailbox + "framing: { header: h, code: code }\ncalls:\n  A: { nr: §256, doc: d }\n"),
        new("ABI0025", RegisterCalls + "  A: { nr: §256, doc: d }\n"),
        new("ABI0025", RegisterCalls.Replace(" version-bits: \"15:8\",", "", StringComparison.Ordinal) + "  A: { nr: 1, version: §1, doc: d }\n"),
        new("ABI0026", Handles + "      OtherThing: { when: §mode=on, doc: d }\n"),
        new("ABI0026", Driver + "      use: { doc: d, in: [{ name: thing, type: thing, doc: d }], contract: { before: §tdi=RUN, otherwise: EINVAL }, errors: { EINVAL: wrong } }\n"),
        new("ABI0026", Driver + "      use: { doc: d, in: [{ name: thing, type: thing, doc: d }], contract: { after: [bound=yes, §colour=red] } }\n"),
        new("ABI0026", Fields + "      - { name: a, type: u64, dir: inout, in-if: §FIXED, doc: d }\n"),
        new("ABI0026", Calls + "  A: { nr: 1, doc: d }\n  B: { sub-call-of: A, select: { f: §1 }, doc: d }\n"),
        new("ABI0026", _flow + "    \"1\": { actor: vmm, step: s, when: [§\"tdis=RUN\"] }\n", SpecText.Ioctl),
        new("ABI0026", _flow + "    \"1\": { actor: vmm, step: s, match: [{ call: TEST_MAP, side: client, where: { flags: §FIXD } }] }\n", SpecText.Ioctl),
        new("ABI0027", Calls + "  A: { nr: 1, request: §0x3B02, doc: d }\n"),
        new("ABI0028", Calls + "  A: { nr: 1, doc: d, errors: { EPERM: d, §EEXISTS: d } }\n", SpecText.Errnos),
        new("ABI0028", Head + "framing: { type: \";\", reserved-errno: §EPRM }\n", SpecText.Errnos),
        new("ABI0028", Ops + "      op: { doc: d, errors: { §BUSY: d } }\n", SpecText.Errnos),
        new("ABI0028", Framed + "  A: { nr: 1, response-nr: 2, arg: ask, result: ask, doc: d, errors: { BUSY: d, WHY_BUSY: d, §WHY_BUSSY: d } }\n"),
        new("ABI0028", Mailbox + "framing: { status-enum: codes, error-enum: reasons }\ncalls:\n  A: { nr: 1, doc: d, errors: { §ASK: d } }\n"),
        new("ABI0028", RegisterCalls + "  A: { nr: 1, doc: d, errors: { BUSY: d, §NOT_BUSY: d } }\n"),
        new("ABI0028", RegisterCalls.Replace("status-enum: reasons", "status-enum: map-flags", StringComparison.Ordinal).Replace("model\n", "model\nuses: [test]\n", StringComparison.Ordinal)
            + "  A: { nr: 1, doc: d, errors: { §TEST_MAP_WRITE: d } }\n", SpecText.Ioctl),
        .. FramingCases.All,
        .. GenerationCases.All,
    ];
}
