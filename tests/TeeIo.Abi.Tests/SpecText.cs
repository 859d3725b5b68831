using TeeIo.Abi.Model;
using TeeIo.Abi.Symbols;

namespace TeeIo.Abi.Tests;

/// <summary>Small specs for tests. A <c>§</c> in a wrong one stands just before the place that must be reported.</summary>
internal static class SpecText
{
    public const string IoctlHead = """
        abi: test
        kind: ioctl
        namespace: Test.Ioctl
        doc: a spec for tests
        source: nowhere
        status: model

        """;

    public const string Errnos = """
        abi: errno
        kind: ioctl
        namespace: Test.Errnos
        doc: errnos for tests
        source: nowhere
        status: model
        enums:
          errno:
            type: s32
            doc: errnos
            values:
              EPERM:  { value: 1, doc: not permitted }
              EEXIST: { value: 17, doc: there already }

        """;

    public const string Ioctl = IoctlHead + """
        since: "1.0"
        sides: { client: vmm, server: kernel }
        call-prefix: TEST_
        framing: { type: ";" }
        constants:
          LIMIT: { value: 1<<4, doc: a limit }
        ids:
          ioas: { doc: an address space }
          hwpt: { doc: a page table }
          target: { any-of: [ioas, hwpt], doc: either }
        enums:
          map-flags:
            c: test_map_flags
            flags: true
            prefix: TEST_MAP_
            doc: how to map
            values:
              FIXED: { value: 1<<0, doc: at the given address }
              READ:  { value: 1<<2, doc: readable, since: "2.0" }
          level:
            type: s32
            doc: a level
            values:
              LOW:  { value: -1, doc: low }
              HIGH: { value: unknown, retry: same-operands, doc: high }
        structs:
          test_map:
            doc: maps
            size: 40
            extensible: { size-field: size, min: 40 }
            fields:
              - { name: size,       at: 0,  type: u32,       is: size }
              - { name: flags,      at: 4,  type: map-flags, doc: how }
              - { name: ioas_id,    at: 8,  type: ioas,      doc: where }
              - { name: __reserved, at: 12, type: u32,       is: zero }
              - { name: user_va,    at: 16, type: u64,       is: user-memory, length: length, doc: what }
              - { name: length,     at: 24, type: u64,       unit: bytes, is: length, doc: how much }
              - { name: iova,       at: 32, type: u64,       dir: inout, in-if: FIXED, doc: where to }
        calls:
          TEST_MAP:
            nr: 0x85
            request: 0x3B85
            arg: test_map
            doc: maps
            errors:
              EEXIST: it is there already
              ENOMEM: no memory

        """;

    public const string Flow = """
        abi: test-flow
        kind: flow
        namespace: Test.Flow
        doc: a flow for tests
        source: nowhere
        status: model
        uses: [test]
        flow:
          class: TestFlow
          columns: [{ actor: vmm, title: VMM }, { actor: kernel, title: Linux }]
          effects:
            - { match: { call: TEST_MAP, side: server }, set: { dma: mapped, mmio: none } }
          rows:
            "1": { actor: vmm, step: asks }
            "2": { actor: kernel, step: maps, how: call, match: [{ call: TEST_MAP, side: server, where: { flags: FIXED }, result: EEXIST }], after: ["1"], when: ["tdi=LOCKED|RUN"] }

        """;

    /// <summary>The diagnostics of <paramref name="text"/> next to the specs <paramref name="others"/>.</summary>
    public static EquatableArray<AbiDiagnostic> Diagnose(string text, params string[] others) =>
        AbiSet.Load(others.Select((t, i) => ($"other{i}.abi.yaml", t)).Append(("test.abi.yaml", text))).Diagnostics;

    public static AbiSpec Load(string text, params string[] others)
    {
        AbiSet set = AbiSet.Load(others.Select((t, i) => ($"other{i}.abi.yaml", t)).Append(("test.abi.yaml", text)));
        Assert.Empty(set.Diagnostics);
        return set.Specs[set.Specs.Count - 1];
    }

    public static AbiSpec Read(string text)
    {
        SpecDocument document = SpecReader.Read("test.abi.yaml", text);
        Assert.Empty(document.Diagnostics);
        return document.Spec!;
    }

    public static SymbolTable Slice(AbiSpec user, params AbiSpec[] specs) => SymbolTable.Create(specs).Slice(user);

    /// <summary>The text without its mark, and the line and column of the mark.</summary>
    public static (string Text, int Line, int Column) Unmark(string marked)
    {
        int at = marked.IndexOf('§', StringComparison.Ordinal);
        string before = marked[..at];
        return (before + marked[(at + 1)..], before.Count(c => c == '\n') + 1, at - before.LastIndexOf('\n'));
    }
}
