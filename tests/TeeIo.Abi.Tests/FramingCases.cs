namespace TeeIo.Abi.Tests;

/// <summary>Wrong framings of commands and of registers that a spec declares itself.</summary>
internal static class FramingCases
{
    private const string Command = """
        abi: test
        kind: mailbox
        namespace: Test.Command
        doc: commands
        source: nowhere
        status: model
        enums: { st: { doc: statuses, values: { OK: { value: 0, doc: d }, BAD: { value: 1, doc: d } } } }
        structs: { s: { doc: d, fields: [{ name: length, type: u32, is: size }] } }

        """;

    private const string Registers = """
        abi: test
        kind: register-call
        namespace: Test.Registers
        doc: registers of its own
        source: nowhere
        status: model
        enums: { st: { type: u64, doc: statuses, values: { OK: { value: 0, doc: d }, BAD: { value: 2, doc: d } } } }
        structs:
          regs: { doc: d, fields: [{ name: a, type: u64, doc: d }, { name: b, type: u64, doc: d }, { name: ok, type: u64, doc: d }] }
          page: { doc: d, fields: [{ name: a, type: u64, doc: d }, { name: b, type: u64, doc: d }, { name: map, type: u64, doc: d }] }

        """;

    private const string Refusals = "refusals: { command: BAD, reserved: BAD, missing: BAD } }\n";

    public static IReadOnlyList<RuleCase> All { get; } =
    [
        new("ABI0007", Command + "framing: { command: §memory, status-enum: st, refusals: { command: BAD, length: BAD, reserved: BAD } }\n"),
        new("ABI0006", Command + "§framing: { command: registers, status-enum: st }\n"),
        new("ABI0006", Command + "§framing: { command: registers, refusals: { command: BAD, length: BAD, reserved: BAD } }\n"),
        new("ABI0006", Command + "framing: { command: registers, status-enum: st, §refusals: { command: BAD, length: BAD } }\n"),
        new("ABI0005", Command + "framing: { command: registers, status-enum: st, refusals: { command: BAD, length: BAD, reserved: BAD, §missing: BAD } }\n"),
        new("ABI0022", Command + "framing: { command: registers, status-enum: st, refusals: { command: BAD, length: §WORSE, reserved: BAD } }\n"),
        new("ABI0005", Command + "framing: { command: registers, status-enum: st, refusals: { command: BAD, length: BAD, reserved: BAD }, §header: s }\n"),
        new("ABI0005", Command + "framing: { command: registers, status-enum: st, refusals: { command: BAD, length: BAD, reserved: BAD } }\ncalls: { A: { nr: 1, arg: s, §result: s, doc: d } }\n"),
        new("ABI0022", Command + "framing: { command: registers, status-enum: st, refusals: { command: BAD, length: BAD, reserved: BAD } }\ncalls: { A: { nr: 1, arg: §bytes, doc: d } }\n"),
        new("ABI0022", Registers + "framing: { registers: §regz, selector: a, status: a, status-enum: st, refusals: { command: BAD, reserved: BAD } }\n"),
        new("ABI0022", Registers + "framing: { registers: regs, selector: §c, status: a, status-enum: st, refusals: { command: BAD, reserved: BAD } }\n"),
        new("ABI0022", Registers + "framing: { registers: regs, selector: a, status: a, reason: §c, status-enum: st, refusals: { command: BAD, reserved: BAD } }\n"),
        new("ABI0022", Registers + "framing: { registers: regs, valid: ok, always: [a, §c], selector: a, status: a, status-enum: st, " + Refusals),
        new("ABI0006", Registers + "§framing: { registers: regs, page: page, bitmap: map, selector: a, status: a, status-enum: st, refusals: { command: BAD, reserved: BAD } }\n"),
        new("ABI0006", Registers + "§framing: { registers: regs, valid: ok, page: page, selector: a, status: a, status-enum: st, " + Refusals),
        new("ABI0022", Registers + "framing: { registers: regs, valid: ok, page: page, bitmap: §mop, selector: a, status: a, status-enum: st, " + Refusals),
        new("ABI0022", Registers + "framing: { registers: regs, valid: ok, page: §st, bitmap: map, selector: a, status: a, status-enum: st, " + Refusals),
        new("ABI0022", Registers + "framing: { registers: regs, selector: a, status: a, status-enum: st, refusals: { command: BAD, reserved: BAD } }\ncalls: { A: { nr: 1, doc: d, in: [{ name: x, reg: §rax, type: u64, doc: d }] } }\n"),
        new("ABI0007", Registers + "framing: { registers: regs, selector: a, status: a, status-enum: st, refusals: { command: BAD, reserved: BAD } }\ncalls: { A: { nr: §unknown, doc: d } }\n"),
        new("ABI0007", Registers.Replace("{ name: b, type: u64, doc: d }, { name: ok", "{ name: b, type: u32, doc: d }, { name: ok", StringComparison.Ordinal)
            + "framing: { registers: §regs, selector: a, status: a, status-enum: st, refusals: { command: BAD, reserved: BAD } }\n"),
    ];
}
