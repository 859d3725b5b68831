using TeeIo.Abi.Model;
using TeeIo.Abi.Symbols;

namespace TeeIo.Abi.Tests;

/// <summary>Models and slices are cache keys: what doesn't change must compare equal.</summary>
public class ValueEqualityTests
{
    private static readonly AbiSpec _flow = SpecText.Read(SpecText.Flow);

    [Fact]
    public void The_same_text_gives_an_equal_document() =>
        Assert.Equal(SpecReader.Read("a.abi.yaml", SpecText.Ioctl), SpecReader.Read("a.abi.yaml", SpecText.Ioctl));

    [Fact]
    public void A_comment_changes_positions_but_not_the_spec()
    {
        SpecDocument before = SpecReader.Read("a.abi.yaml", SpecText.Ioctl);
        SpecDocument after = SpecReader.Read("a.abi.yaml", "# a comment\n" + SpecText.Ioctl);
        Assert.Equal(before.Spec, after.Spec);
        Assert.Equal(before.Spec!.GetHashCode(), after.Spec!.GetHashCode());
        Assert.NotEqual(before.Locations, after.Locations);
        Assert.Equal(SpecChecker.Check(before, SymbolTable.Empty), SpecChecker.Check(after, SymbolTable.Empty));
    }

    [Theory]
    [InlineData("doc: maps", "doc: maps memory")]
    [InlineData("doc: how to map", "doc: the ways to map")]
    [InlineData("length: length, doc: what }", "length: length, doc: the memory }")]
    [InlineData("source: nowhere", "source: somewhere")]
    [InlineData("since: \"2.0\"", "since: \"3.0\"")]
    public void An_edited_doc_leaves_what_other_specs_see_equal(string old, string @new)
    {
        AbiSpec before = SpecText.Read(SpecText.Ioctl);
        AbiSpec after = SpecText.Read(SpecText.Ioctl.Replace(old, @new, StringComparison.Ordinal));
        Assert.NotEqual(before, after);
        Assert.Equal(SpecText.Slice(_flow, before, _flow), SpecText.Slice(_flow, after, _flow));
    }

    [Theory]
    [InlineData("READ:  { value: 1<<2", "READ:  { value: 1<<3")]
    [InlineData("name: user_va", "name: user_address")]
    [InlineData("nr: 0x85", "nr: 0x86")]
    [InlineData("EEXIST:", "EBUSY:")]
    public void An_edited_fact_changes_what_other_specs_see(string old, string @new)
    {
        AbiSpec before = SpecText.Read(SpecText.Ioctl);
        AbiSpec after = SpecText.Read(SpecText.Ioctl.Replace(old, @new, StringComparison.Ordinal));
        Assert.NotEqual(SpecText.Slice(_flow, before), SpecText.Slice(_flow, after));
    }

    [Theory]
    [InlineData("allowed: { level: LOW }", "allowed: { level: [LOW] }", true)]
    [InlineData("allowed: { level: LOW }", "allowed: { level: HIGH }", false)]
    [InlineData("then: { level: LOW }", "then: { level: HIGH }", false)]
    [InlineData("allowed: { level: LOW }", "then: { level: LOW }", false)]
    public void States_before_and_after_a_call_are_part_of_the_spec(string old, string @new, bool areEqual)
    {
        AbiSpec before = SpecText.Read(SpecText.Ioctl.Replace("nr: 0x85", "nr: 0x85\n    " + old, StringComparison.Ordinal));
        AbiSpec after = SpecText.Read(SpecText.Ioctl.Replace("nr: 0x85", "nr: 0x85\n    " + @new, StringComparison.Ordinal));
        Assert.Equal(areEqual, before == after);
    }

    [Fact]
    public void A_spec_sees_only_what_it_uses()
    {
        AbiSpec ioctl = SpecText.Read(SpecText.Ioctl);
        AbiSpec stranger = SpecText.Read(SpecText.IoctlHead.Replace("abi: test", "abi: stranger", StringComparison.Ordinal));
        SymbolTable slice = SpecText.Slice(_flow, stranger, ioctl, _flow);
        Assert.Equal(["test"], slice.Specs.Select(s => s.Name));
        Assert.Equal(40, slice.Spec("test")!.Type("test_map")!.Size);
    }
}
