using TeeIo.Abi.Model;

namespace TeeIo.Abi.Tests;

public class ReaderTests
{
    [Fact]
    public void An_item_has_the_source_status_and_since_of_the_one_around_it_unless_it_says_otherwise()
    {
        AbiSpec spec = SpecText.Load(SpecText.Ioctl);
        Assert.Equal(new Provenance("at the given address", "nowhere", AbiStatus.Model, "1.0"), spec.Enums[0].Values[0].Provenance);
        Assert.Equal("2.0", spec.Enums[0].Values[1].Provenance.Since);
        Assert.Equal(new Provenance("", "nowhere", AbiStatus.Model, "1.0"), spec.Records[0].Fields[0].Provenance);
    }

    [Fact]
    public void A_value_may_be_negative_or_unknown_and_have_marks_of_its_own()
    {
        EnumType level = SpecText.Load(SpecText.Ioctl).Enums[1];
        Assert.Equal(ulong.MaxValue, level.Values[0].Value);
        Assert.Null(level.Values[1].Value);
        Assert.Equal(["retry=same-operands"], level.Values[1].Attributes);
    }

    [Fact]
    public void A_call_is_read_with_its_errors_and_its_request_number()
    {
        Call call = SpecText.Load(SpecText.Ioctl).Calls[0];
        Assert.Equal(("Map", 0x85UL, 0x3B85u), (call.MethodName, call.Number, call.Request));
        Assert.Equal([new CallError("EEXIST", "it is there already"), new CallError("ENOMEM", "no memory")], call.Errors);
    }

    [Fact]
    public void A_call_is_read_with_the_states_in_which_it_works_and_those_that_it_leads_to()
    {
        string states = "enums: { state: { doc: d, values: { NEW: { value: 0, doc: d }, READY: { value: unknown, doc: d }, OLD: { value: 2, doc: d } } }, way: { doc: d, values: { OFF: { value: 0, doc: d } } } }\n";
        Call call = SpecText.Load(SpecText.IoctlHead + states + "framing: { type: \";\" }\ncalls: { A: { nr: 1, doc: d, allowed: { state: [NEW, READY, OLD], way: OFF }, then: { state: READY } } }\n").Calls[0];
        Assert.Equal("state NEW, READY or OLD; way OFF", CallStates.Text(call.Allowed));
        Assert.Equal([new CallStates("state", new(["READY"]))], call.Then);
        Assert.Null(CallStates.Text(SpecText.Load(SpecText.Ioctl).Calls[0].Then));
    }

    [Fact]
    public void A_call_may_work_in_any_of_several_kinds_of_states()
    {
        string states = "enums: { state: { doc: d, values: { NEW: { value: 0, doc: d }, OLD: { value: 2, doc: d } } }, way: { doc: d, values: { OFF: { value: 0, doc: d } } } }\n";
        string call = "framing: { type: \";\" }\ncalls: { A: { nr: 1, doc: d, allowed: { any-of: { state: [NEW, OLD], way: OFF } } } }\n";
        Assert.Equal("state NEW or OLD, or way OFF", CallStates.Text(SpecText.Load(SpecText.IoctlHead + states + call).Calls[0].Allowed));
    }

    [Fact]
    public void A_sequence_is_read_with_its_steps_in_order()
    {
        Sequence sequence = SpecText.Load(SpecText.Ioctl + "sequences: { both: { doc: d, since: \"3.0\", steps: [{ call: TEST_MAP, doc: once }, { call: TEST_MAP, if: there is more, repeat: until all is mapped }] } }\n").Sequences[0];
        Assert.Equal([new SequenceStep("TEST_MAP", null, null, "once"), new SequenceStep("TEST_MAP", "there is more", "until all is mapped", "")], sequence.Steps);
        Assert.Equal(("both", "3.0", AbiStatus.Model), (sequence.Name, sequence.Provenance.Since, sequence.Provenance.Status));
    }

    [Fact]
    public void A_flow_is_read_with_columns_effects_and_rows()
    {
        FlowModel flow = SpecText.Load(SpecText.Flow, SpecText.Ioctl).Flow!;
        Assert.Equal([new FlowColumn("vmm", "VMM"), new FlowColumn("kernel", "Linux")], flow.Columns);
        Assert.Equal([("dma", "mapped"), ("mmio", "none")], flow.Effects.Select(e => (e.Variable, e.Value)));
        Assert.Equal(new FlowMatch("TEST_MAP", "server", null, new EquatableArray<string>(["flags=FIXED"]), "EEXIST", "first"), Assert.Single(flow.Rows[1].Match));
    }

    [Fact]
    public void An_alias_that_C_has_on_purpose_may_repeat_a_number()
    {
        SpecText.Load(SpecText.IoctlHead + "enums: { e: { doc: d, values: { NONE: { value: 0, doc: d }, DEFAULT: { value: 0, alias: NONE, doc: d } } } }\n");
    }

    [Fact]
    public void A_profile_that_ends_its_base_before_a_number_may_take_it()
    {
        string profile = SpecText.IoctlHead.Replace("abi: test", "abi: profile-a", StringComparison.Ordinal)
            + "profile: a\nuses: [test]\nbase: { test: 0x84 }\nframing: { type: \";\" }\ncalls: { NEW: { nr: 0x85, doc: d } }\n";
        Assert.Equal([new ProfileBase("test", 0x84)], SpecText.Load(profile, SpecText.Ioctl).Bases);
    }

    [Theory]
    [InlineData("42", 42UL)]
    [InlineData("0xFF", 255UL)]
    [InlineData("1<<31", 1UL << 31)]
    [InlineData("1 | 1<<3", 9UL)]
    [InlineData("-1", ulong.MaxValue)]
    [InlineData("0xFFFFFFFF00000000", 0xFFFFFFFF00000000UL)]
    public void Numbers_are_decimal_hex_shifts_and_unions(string text, ulong value)
    {
        Assert.True(AbiNumber.TryParse(text, out ulong parsed));
        Assert.Equal(value, parsed);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0x")]
    [InlineData("1<<64")]
    [InlineData("2<<63")]
    [InlineData("1|")]
    [InlineData("--1")]
    [InlineData("18446744073709551616")]
    [InlineData("1_000")]
    public void Anything_else_is_no_number(string text) => Assert.False(AbiNumber.TryParse(text, out _));

    [Fact]
    public void A_profile_may_say_which_generations_it_mixes()
    {
        string Spec(string name, string generation, string more) => $"abi: {name}\nkind: register-call\nnamespace: Test.A{generation}\ndoc: d\nsource: s\nstatus: model\ngeneration: \"{generation}\"\n{more}";
        Assert.Contains(SpecText.Diagnose(Spec("young", "2025", "profile: p\nuses: [old]\n"), Spec("old", "2023", "")), d => d.Id == "ABI0029");
        Assert.Empty(SpecText.Diagnose(Spec("young", "2025", "profile: p\nuses: [old]\nmixes: [\"2023\", \"2025\"]\n"), Spec("old", "2023", "")));
    }

    [Fact]
    public void A_file_of_sysfs_and_a_netlink_command_are_read()
    {
        AbiSpec files = SpecText.Load("""
            abi: files
            kind: sysfs
            namespace: Test.Files
            doc: d
            source: s
            status: model
            calls:
              connect: { path: /sys/bus/pci/devices/<function>/tsm/connect, access: rw, doc: d, in: [{ name: tsm, type: text, doc: d }], out: [{ name: tsm, type: text, doc: d }] }
            """);
        Assert.Equal(("/sys/bus/pci/devices/<function>/tsm/connect", "rw"), (files.Calls[0].Path, files.Calls[0].Access));
        AbiSpec family = SpecText.Load("""
            abi: family
            kind: netlink
            namespace: Test.Family
            doc: d
            source: s
            status: model
            enums: { attr: { doc: d, values: { NAME: { value: 1, doc: d }, DATA: { value: 2, doc: d } } } }
            framing: { family: f, version: 2, attributes: attr }
            calls:
              GET: { nr: 1, mode: dump, doc: d, in: [{ name: NAME, type: text, doc: d }], out: [{ name: DATA, type: bytes, doc: d }] }
            """);
        Assert.Equal(("f", 2UL, "attr"), (family.Framing.Family, family.Framing.Version, family.Framing.Attributes));
        Assert.Equal(("dump", 1UL, "DATA"), (family.Calls[0].Access, family.Calls[0].Number, family.Calls[0].Outputs[0].Name));
    }
}
