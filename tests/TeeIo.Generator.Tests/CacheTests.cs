using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace TeeIo.Generator.Tests;

public class CacheTests
{
    // Unchanged means that a step ran and came to the same result; what is generated must not even be tried again, which is Cached.
    private static readonly IncrementalStepRunReason[] _kept = [IncrementalStepRunReason.Cached, IncrementalStepRunReason.Unchanged];

    [Fact]
    public void An_edit_of_CSharp_does_not_regenerate_anything()
    {
        CSharpCompilation before = GeneratorHarness.Compilation([Source("class A;")]);
        GeneratorDriver driver = GeneratorHarness.Driver(Fixtures.All).RunGenerators(before);
        driver = driver.RunGenerators(before.ReplaceSyntaxTree(before.SyntaxTrees[0], Source("class B;")));
        Assert.All(Reasons(driver, StepNames.Read, StepNames.Symbols, StepNames.Resolve, StepNames.Check, StepNames.Emit, StepNames.CheckSet), r => Assert.Equal(IncrementalStepRunReason.Cached, r));
    }

    [Fact]
    public void A_comment_in_a_spec_does_not_regenerate_its_files()
    {
        GeneratorDriver driver = Edit(Fixtures.All, Fixtures.Base, Fixtures.Base.Edit("abi: base", "abi: base # a remark"));
        Assert.Contains(Reasons(driver, StepNames.Read), r => r == IncrementalStepRunReason.Unchanged);
        Assert.All(Reasons(driver, StepNames.Read, StepNames.Symbols, StepNames.Check), r => Assert.Contains(r, _kept));
        Assert.All(Reasons(driver, StepNames.Emit), r => Assert.Equal(IncrementalStepRunReason.Cached, r));
    }

    [Fact]
    public void A_comment_that_moves_lines_does_not_regenerate_files()
    {
        GeneratorDriver driver = Edit(Fixtures.All, Fixtures.Base, Fixtures.Base.Edit("abi: base", "# a remark\nabi: base"));
        Assert.All(Reasons(driver, StepNames.Emit), r => Assert.Equal(IncrementalStepRunReason.Cached, r));
    }

    [Fact]
    public void An_edit_of_one_spec_does_not_regenerate_one_that_does_not_use_it()
    {
        GeneratorDriver driver = Edit(Fixtures.All, Fixtures.Base, Fixtures.Base.Edit("name: high, type: u32", "name: high, type: u64"));
        Assert.Equal(2, Reasons(driver, StepNames.Emit).Count(r => r == IncrementalStepRunReason.Modified));
        Assert.Equal(1, Reasons(driver, StepNames.Emit).Count(r => r == IncrementalStepRunReason.Cached));
    }

    [Fact]
    public void A_new_doc_in_one_spec_does_not_regenerate_one_that_uses_it()
    {
        GeneratorDriver driver = Edit(Fixtures.All, Fixtures.Base, Fixtures.Base.Edit("doc: upper half", "doc: the upper half"));
        Assert.Equal(1, Reasons(driver, StepNames.Emit).Count(r => r == IncrementalStepRunReason.Modified));
        Assert.Equal(2, Reasons(driver, StepNames.Emit).Count(r => r == IncrementalStepRunReason.Cached));
    }

    [Fact]
    public void An_exported_fact_that_changes_does_regenerate_those_that_use_it()
    {
        SpecText edited = Fixtures.Base.Edit("name: low,  type: u32", "name: low,  type: u64");
        GeneratorRunResult result = GeneratorHarness.Result(Edit(Fixtures.All, Fixtures.Base, edited));
        Assert.Contains("ByteSize = 24", Text(result, "User.Records.g.cs"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_role_that_changes_does_not_regenerate_other_specs()
    {
        GeneratorDriver driver = Edit(Fixtures.All, Fixtures.Base, Fixtures.Base.As("Reference"));
        Assert.DoesNotContain(GeneratorHarness.Result(driver).GeneratedSources, s => s.HintName.StartsWith("Base.", StringComparison.Ordinal));
        Assert.Equal(2, Reasons(driver, StepNames.Emit).Count(r => r == IncrementalStepRunReason.Cached));
    }

    [Fact]
    public void Two_runs_over_the_same_specs_give_the_same_text()
    {
        static IEnumerable<(string, string)> Texts(GeneratorRunResult run) => run.GeneratedSources.Select(s => (s.HintName, s.SourceText.ToString()));
        Assert.Equal(Texts(GeneratorHarness.Everything), Texts(GeneratorHarness.Run(Repository.Specs)));
    }

    [Fact]
    public void The_order_of_files_does_not_change_what_is_generated()
    {
        IEnumerable<(string, string)> Texts(IEnumerable<SpecText> specs) =>
            GeneratorHarness.Run(specs).GeneratedSources.Select(s => (s.HintName, s.SourceText.ToString())).OrderBy(s => s.HintName, StringComparer.Ordinal);
        Assert.Equal(Texts(Repository.Specs), Texts(Repository.Specs.Reverse()));
    }

    [Fact]
    public void An_old_compilation_is_not_kept_alive()
    {
        GeneratorDriver[] driver = [GeneratorHarness.Driver(Fixtures.All)];
        WeakReference old = Run(driver, "class A;");
        Run(driver, "class B;");
        for (int i = 0; i < 10 && old.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.False(old.IsAlive);
        GC.KeepAlive(driver);
    }

    // On a stack frame of its own, which is gone when garbage is collected.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Run(GeneratorDriver[] driver, string source)
    {
        CSharpCompilation compilation = GeneratorHarness.Compilation([Source(source)]);
        driver[0] = driver[0].RunGenerators(compilation);
        return new WeakReference(compilation);
    }

    private static GeneratorDriver Edit(IReadOnlyList<SpecText> specs, SpecText old, SpecText edited)
    {
        CSharpCompilation compilation = GeneratorHarness.Compilation([]);
        return GeneratorHarness.Driver(specs).RunGenerators(compilation).ReplaceAdditionalText(old, edited).RunGenerators(compilation);
    }

    private static IEnumerable<IncrementalStepRunReason> Reasons(GeneratorDriver driver, params string[] steps) =>
        steps.SelectMany(s => GeneratorHarness.Result(driver).TrackedSteps[s]).SelectMany(s => s.Outputs).Select(o => o.Reason);

    private static string Text(GeneratorRunResult result, string hint) => result.GeneratedSources.Single(s => s.HintName == hint).SourceText.ToString();

    private static SyntaxTree Source(string text) => CSharpSyntaxTree.ParseText(text, GeneratorHarness.ParseOptions);
}
