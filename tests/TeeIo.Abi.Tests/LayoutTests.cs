using TeeIo.Abi.Model;

namespace TeeIo.Abi.Tests;

/// <summary>Layouts that were worked out by hand by the rules of C on x86-64.</summary>
public class LayoutTests
{
    private static AbiSpec Load(string structs) => SpecText.Load(SpecText.IoctlHead + "structs:\n" + structs);

    private static RecordType LoadRecord(string body) => Load("  s:\n    doc: d\n" + body).Records[0];

    private static (string, int, int)[] Places(RecordType record) => [.. record.Fields.Select(f => (f.Name, f.Offset, f.Size))];

    [Fact]
    public void Scalars_lie_at_their_natural_alignment_and_the_size_is_rounded_up()
    {
        // struct { u8 a; u16 b; u8 c; u64 d; s32 e; bool f; }
        RecordType record = LoadRecord("""
                fields:
                  - { name: a, type: u8, doc: d }
                  - { name: b, type: u16, doc: d }
                  - { name: c, type: u8, doc: d }
                  - { name: d, type: u64, doc: d }
                  - { name: e, type: s32, doc: d }
                  - { name: f, type: bool, doc: d }

            """);
        Assert.Equal([("a", 0, 1), ("b", 2, 2), ("c", 4, 1), ("d", 8, 8), ("e", 16, 4), ("f", 20, 1)], Places(record));
        Assert.Equal((24, 8), (record.Size, record.Alignment));
    }

    [Fact]
    public void Packed_fields_follow_each_other()
    {
        RecordType record = LoadRecord("    packed: true\n    size: 13\n    fields: [{ name: a, type: u8, doc: d }, { name: b, type: u64, doc: d }, { name: c, type: u32, at: 9, doc: d }]\n");
        Assert.Equal([("a", 0, 1), ("b", 1, 8), ("c", 9, 4)], Places(record));
        Assert.Equal((13, 1), (record.Size, record.Alignment));
    }

    [Fact]
    public void Arrays_have_their_elements_alignment()
    {
        RecordType record = LoadRecord("    fields: [{ name: a, type: u8, count: 3, doc: d }, { name: b, type: u16, count: 5, doc: d }, { name: c, type: u32, doc: d }]\n");
        Assert.Equal([("a", 0, 3), ("b", 4, 10), ("c", 16, 4)], Places(record));
        Assert.Equal(20, record.Size);
    }

    [Fact]
    public void Nested_records_bring_their_alignment_whatever_their_order_in_the_file()
    {
        AbiSpec spec = Load("""
              outer:
                doc: d
                size: 40
                fields:
                  - { name: a, type: u8, doc: d }
                  - { name: b, type: inner, count: 2, doc: d }
              inner:
                doc: d
                size: 16
                fields:
                  - { name: a, type: u64, doc: d }
                  - { name: b, type: u8, doc: d }

            """);
        Assert.Equal([("a", 0, 1), ("b", 8, 32)], Places(spec.Records[0]));
    }

    [Fact]
    public void A_record_of_another_spec_takes_the_room_that_it_has_there()
    {
        string text = SpecText.IoctlHead.Replace("abi: test", "abi: user", StringComparison.Ordinal)
            + "uses: [test]\nstructs: { s: { doc: d, fields: [{ name: a, type: u32, doc: d }, { name: b, type: test_map, doc: d }] } }\n";
        AbiSpec spec = SpecText.Load(text, SpecText.Ioctl);
        Assert.Equal([("a", 0, 4), ("b", 8, 40)], Places(spec.Records[0]));
        Assert.Equal((48, 8), (spec.Records[0].Size, spec.Records[0].Alignment));
    }

    [Fact]
    public void A_flexible_array_adds_nothing_but_alignment()
    {
        RecordType record = LoadRecord("    fields: [{ name: n, type: u32, is: length }, { name: a, type: u64, count: flexible, length: n, doc: d }]\n");
        Assert.Equal([("n", 0, 4), ("a", 8, 0)], Places(record));
        Assert.Equal(8, record.Size);
        Assert.Equal("a", record.Flexible!.Name);
    }

    [Fact]
    public void A_field_that_goes_back_starts_a_union_and_the_next_one_follows_its_longest_arm()
    {
        // struct { u32 kind; union { u64 whole; struct { u32 low; u32 high; }; u8 bytes[12]; }; u16 tail; }
        RecordType record = LoadRecord("""
                fields:
                  - { name: kind,  type: u32, doc: d }
                  - { name: whole, at: 8,  type: u64, doc: d }
                  - { name: low,   at: 8,  type: u32, doc: d }
                  - { name: high,  at: 12, type: u32, doc: d }
                  - { name: bytes, at: 8,  type: u8, count: 12, doc: d }
                  - { name: tail,  type: u16, doc: d }

            """);
        Assert.Equal([("kind", 0, 4), ("whole", 8, 8), ("low", 8, 4), ("high", 12, 4), ("bytes", 8, 12), ("tail", 20, 2)], Places(record));
        Assert.Equal(24, record.Size);
    }

    [Fact]
    public void Bit_fields_share_their_scalar_until_one_starts_at_bit_0_again()
    {
        RecordType record = LoadRecord("""
                fields:
                  - { name: a, type: u8,   bits: "7:0",   doc: d }
                  - { name: b, type: u32,  bits: "30:8",  doc: d }
                  - { name: c, type: bool, bits: "31",    doc: d }
                  - { name: d, type: u16,  bits: "0",     doc: d }
                  - { name: e, type: u16,  bits: "15:1",  doc: d }
                  - { name: f, type: u16,  doc: d }

            """);
        Assert.Equal([("a", 0, 4), ("b", 0, 4), ("c", 0, 4), ("d", 4, 2), ("e", 4, 2), ("f", 6, 2)], Places(record));
        Assert.Equal(8, record.Size);
    }

    [Fact]
    public void Registers_lie_in_a_block_in_the_order_of_their_numbers()
    {
        AbiSpec spec = SpecText.Load("""
            abi: regs
            kind: register-call
            namespace: Test.Regs
            doc: d
            source: s
            status: model
            call-prefix: TDG.
            framing: { selector: rax, selector-bits: "15:0", version-bits: "23:16", status: rax, fixed: { r10: 0 } }
            calls:
              TDG.TDI.RD:
                nr: 67
                doc: d
                in: [{ name: a, reg: rcx, type: u64, doc: d }, { name: b, reg: rdx, bits: "15:0", type: u16, doc: d }, { name: c, reg: r15, type: u8, doc: d }]
                out: [{ name: x, reg: rbx, type: u64, doc: d }, { name: y, reg: r8, type: u64, doc: d }]
              TDG.NEW: { nr: unknown, doc: d }

            """);
        Call call = spec.Calls[0];
        Assert.Equal("TdiRd", call.MethodName);
        Assert.Equal([("a", 8, 8), ("b", 16, 8), ("c", 120, 8)], call.Inputs.Select(f => (f.Name, f.Offset, f.Size)));
        Assert.Equal([("x", 24, 8), ("y", 64, 8)], call.Outputs.Select(f => (f.Name, f.Offset, f.Size)));
        Assert.All(call.Outputs, f => Assert.Equal(Direction.Out, f.Direction));
        Assert.Equal(new BitRange(23, 16), spec.Framing.VersionBits);
        Assert.Equal(["r10=0"], spec.Framing.FixedRegisters);
        Assert.True(spec.Calls[1].IsNumberless);
        Assert.Null(spec.Calls[1].Number);
    }

    [Theory]
    [InlineData("access: rw", 0xC028AE05)] // _IOWR(0xAE, 5, 40 bytes)
    [InlineData("access: w", 0x4028AE05)]
    [InlineData("access: r", 0x8028AE05)]
    public void Encoded_request_numbers_carry_direction_and_size(string access, uint request)
    {
        string text = SpecText.Ioctl.Replace("type: \";\"", "type: 0xAE, encodes-size: true", StringComparison.Ordinal)
            .Replace("nr: 0x85", "nr: 5, " + access, StringComparison.Ordinal)
            .Replace("nr: 5, " + access, "nr: 5\n    " + access, StringComparison.Ordinal)
            .Replace("request: 0x3B85", $"request: 0x{request:X8}", StringComparison.Ordinal);
        Assert.Equal(request, SpecText.Load(text).Calls[0].Request);
    }

    [Fact]
    public void A_chain_of_ten_thousand_nested_records_is_laid_out()
    {
        string structs = string.Concat(Enumerable.Range(0, 10_000).Select(i => $"  r{i}: {{ doc: d, fields: [{{ name: f, type: {(i == 9_999 ? "u8" : $"r{i + 1}")}, doc: d }}] }}\n"));
        Assert.Equal(1, Load(structs).Records[0].Size);
    }

    [Fact]
    public void A_field_in_a_hole_that_alignment_left_is_misplaced()
    {
        string text = SpecText.IoctlHead + "structs:\n  r:\n    doc: d\n    fields:\n      - { name: a, type: u8, doc: d }\n      - { name: b, type: u64, doc: d }\n      - { name: c, type: u8, at: 4, doc: d }\n";
        AbiDiagnostic found = Assert.Single(SpecText.Diagnose(text));
        Assert.Equal(("ABI0014", 13), (found.Id, found.Line));
    }
}
