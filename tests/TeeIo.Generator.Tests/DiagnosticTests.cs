using Microsoft.CodeAnalysis;

namespace TeeIo.Generator.Tests;

public class DiagnosticTests
{
    [Fact]
    public void A_wrong_spec_is_an_error_at_its_place()
    {
        SpecText wrong = Fixtures.User.Edit("name: mode,  type: mode", "name: mode,  type: mood");
        Diagnostic diagnostic = Assert.Single(GeneratorHarness.Run(Fixtures.Base, wrong).Diagnostics);
        FileLinePositionSpan place = diagnostic.Location.GetLineSpan();
        string[] lines = wrong.GetText().ToString().Split('\n');

        Assert.Equal("ABI0012", diagnostic.Id);
        Assert.Equal(DiagnosticSeverity.Error, diagnostic.Severity);
        Assert.Equal(wrong.Path, place.Path);
        Assert.Equal(Array.FindIndex(lines, l => l.Contains("mood", StringComparison.Ordinal)), place.StartLinePosition.Line);
        Assert.Equal("mood", lines[place.StartLinePosition.Line][place.StartLinePosition.Character..place.EndLinePosition.Character]);
    }

    [Fact]
    public void Nothing_is_generated_from_a_wrong_spec_but_from_the_others()
    {
        GeneratorRunResult result = GeneratorHarness.Run(Fixtures.Base, Fixtures.User.Edit("type: mode,", "type: mood,"), Fixtures.Loner);
        string[] hints = [.. result.GeneratedSources.Select(s => s.HintName)];
        Assert.DoesNotContain(hints, h => h.StartsWith("User.", StringComparison.Ordinal));
        Assert.Contains("Base.Records.g.cs", hints);
        Assert.Contains("Loner.Constants.g.cs", hints);
    }

    [Fact]
    public void A_name_that_two_specs_have_is_an_error_and_no_crash()
    {
        SpecText twin = new("specs/twin.abi.yaml", Fixtures.Loner.GetText().ToString());
        GeneratorRunResult result = GeneratorHarness.Run(Fixtures.Loner, twin);
        Diagnostic diagnostic = Assert.Single(result.Diagnostics);
        Assert.Equal("ABI0009", diagnostic.Id);
        Assert.Equal(twin.Path, diagnostic.Location.GetLineSpan().Path);
        Assert.Single(result.GeneratedSources, s => s.HintName == "Loner.Constants.g.cs");
    }

    [Fact]
    public void An_error_in_a_referenced_spec_is_left_to_where_it_is_emitted() =>
        Assert.Empty(GeneratorHarness.Run(Fixtures.Base.Edit("doc: How.", "doc: How.\n    prefixx: A").As("Reference"), Fixtures.Loner).Diagnostics);

    [Theory]
    [InlineData("")]
    [InlineData("\t")]
    [InlineData("abi: [a\nstructs: }")]
    [InlineData("- just\n- a list")]
    [InlineData("abi: x\nkind: ioctl\nabi: x")]
    [InlineData("abi: &a x")]
    [InlineData("{")]
    public void A_text_that_is_no_spec_is_a_diagnostic_and_no_crash(string text)
    {
        GeneratorRunResult result = GeneratorHarness.Run(new SpecText("specs/broken.abi.yaml", text));
        Assert.Empty(result.GeneratedSources);
        Assert.All(result.Diagnostics, d => Assert.StartsWith("ABI", d.Id, StringComparison.Ordinal));
        if (text.Trim().Length > 0) Assert.NotEmpty(result.Diagnostics);
    }

    [Fact]
    public void A_spec_cut_off_anywhere_never_crashes_the_generator()
    {
        string text = Repository.Specs.Single(s => s.Path.EndsWith("/vfio.abi.yaml", StringComparison.Ordinal)).GetText().ToString();
        IEnumerable<SpecText> others = Repository.Specs.Where(s => s.Path.EndsWith("/iommufd.abi.yaml", StringComparison.Ordinal) || s.Path.EndsWith("/errno.abi.yaml", StringComparison.Ordinal));
        for (int length = 0; length < text.Length; length += 1499)
            Assert.Null(GeneratorHarness.Driver([.. others, new SpecText("specs/cut.abi.yaml", text[..length])]).RunGenerators(GeneratorHarness.Compilation([])).GetRunResult().Results.Single().Exception);
    }

    [Fact]
    public void Files_that_are_no_specs_are_left_alone()
    {
        GeneratorRunResult result = GeneratorHarness.Run(new SpecText("specs/notes.yaml", "abi: ["));
        Assert.Empty(result.Diagnostics);
        Assert.Empty(result.GeneratedSources);
    }
}
