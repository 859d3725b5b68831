using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using TeeIo.Generator.Drivers;

namespace TeeIo.Generator.Tests.Drivers;

public class TsmDriverTests
{
    private const string Head = "using TeeIo.Boundaries; using TeeIo.Linux; using TeeIo.Tsm; namespace Acme;\n";
    private const string AllButBind = """
            protected override SysResult Probe(ProbeContext context) => SysResult.Ok;
            protected override SysResult Remove(RemoveContext context) => SysResult.Ok;
            protected override SysResult Connect(ConnectContext context) => SysResult.Ok;
            protected override SysResult Disconnect(DisconnectContext context) => SysResult.Ok;
            protected override SysResult GuestReq(GuestReqContext context) => Errno.EINVAL;
        """;

    private static string Driver(string bind, string unbind = "=> SysResult.Ok;") => $$"""
        {{Head}}
        [TsmDriver]
        public sealed partial class AcmeTsm : HostTsmDriver
        {
        {{AllButBind}}
            protected override SysResult Bind(BindContext context) {{bind}}
            protected override SysResult Unbind(UnbindContext context) {{unbind}}
        }
        """;

    [Fact]
    public async Task A_driver_that_fills_every_op_compiles_and_gets_nothing_more()
    {
        string source = Driver("=> SysResult.Ok;");
        Assert.Empty(DriverFixture.Errors(source));
        Assert.Empty(await DriverFixture.Diagnostics(new TsmDriverAnalyzer(), source));
        Assert.Empty(GeneratorHarness.Result(DriverFixture.Driver().RunGenerators(DriverFixture.With(source))).GeneratedSources);
    }

    [Fact]
    public async Task An_op_that_is_not_filled_is_named_at_the_class_and_the_rest_compiles()
    {
        string source = Head + "[TsmDriver] public sealed partial class AcmeTsm : HostTsmDriver\n{\n" + AllButBind + "\n}\n";
        CSharpCompilation compilation = DriverFixture.With(source);
        GeneratorDriver driver = DriverFixture.Driver().RunGeneratorsAndUpdateCompilation(compilation, out Compilation whole, out _);
        GeneratorRunResult result = GeneratorHarness.Result(driver);

        ImmutableArray<Diagnostic> diagnostics = await DriverFixture.Diagnostics(new TsmDriverAnalyzer(), source);
        Assert.Equal(["'AcmeTsm' doesn't fill 'Bind' yet", "'AcmeTsm' doesn't fill 'Unbind' yet"], diagnostics.Select(d => d.GetMessage().Split(',')[0]).Order());
        Assert.All(diagnostics, d =>
        {
            Assert.Equal(("TSM0001", DiagnosticSeverity.Warning), (d.Id, d.Severity));
            Assert.Equal("AcmeTsm", source.Substring(d.Location.SourceSpan.Start, d.Location.SourceSpan.Length));
        });
        SyntaxTree stubs = Assert.Single(result.GeneratedSources).SyntaxTree;
        Assert.Contains("protected override SysResult Bind(global::TeeIo.Tsm.HostTsmDriver.BindContext context) => Errno.ENOSYS;", stubs.ToString(), StringComparison.Ordinal);
        // The SDK is compiled here without what makes libc's bindings, and without pointers.
        Assert.Empty(whole.GetDiagnostics().Where(d => d.Severity == DiagnosticSeverity.Error && !DriverFixture.Sdk.ContainsSyntaxTree(d.Location.SourceTree)));
    }

    [Fact]
    public async Task A_wrong_signature_is_an_error_at_the_method_and_a_missing_op_at_the_class()
    {
        string source = Driver("=> SysResult.Ok;").Replace("Bind(BindContext context)", "Bind(UnbindContext context)", StringComparison.Ordinal);
        Assert.Contains("CS0115", DriverFixture.Errors(source));
        Diagnostic missing = Assert.Single(await DriverFixture.Diagnostics(new TsmDriverAnalyzer(), source));
        Assert.Equal("TSM0001", missing.Id);
    }

    [Theory]
    [InlineData("[TsmDriver] public sealed class AcmeTsm : HostTsmDriver { }", "partial")]
    [InlineData("[TsmDriver] public sealed partial class AcmeTsm { }", "derive from")]
    [InlineData("[TsmDriver] public abstract partial class AcmeTsm : HostTsmDriver { }", "abstract")]
    [InlineData("public partial class Outer { [TsmDriver] public sealed partial class AcmeTsm : HostTsmDriver { } }", "namespace")]
    public async Task A_class_that_cannot_be_a_driver_is_told_why(string declaration, string reason)
    {
        Diagnostic diagnostic = Assert.Single(await DriverFixture.Diagnostics(new TsmDriverAnalyzer(), Head + declaration));
        Assert.Equal("TSM0002", diagnostic.Id);
        Assert.Contains(reason, diagnostic.GetMessage(), StringComparison.Ordinal);
        Assert.Empty(GeneratorHarness.Result(DriverFixture.Driver().RunGenerators(DriverFixture.With(Head + declaration))).GeneratedSources);
    }

    [Theory]
    [InlineData("bind", "context.Services.DisableDma(default); return SysResult.Ok;", "CS1061")]
    [InlineData("unbind", "return context.Services.EnableMmio(context.Tdi);", "CS1503")]
    [InlineData("unbind", "return context.Services.DisableDma(context.Tdi.Value);", "CS1503")]
    [InlineData("bind", "BoundTdi tdi = context.Tdi; return SysResult.Ok;", "CS0029")]
    [InlineData("unbind", "return context.Services.EnableMmio(new WithdrawnTdi());", "")]
    [InlineData("unbind", "context.OnFailure(() => { }); return SysResult.Ok;", "CS1061")]
    [InlineData("bind", "System.Action later = () => context.Observe(default); return SysResult.Ok;", "CS9108")]
    public void What_an_op_may_not_do_does_not_compile(string op, string body, string error)
    {
        string block = "{ " + body + " }";
        string[] errors = [.. DriverFixture.Errors(op == "bind" ? Driver(block) : Driver("=> SysResult.Ok;", block)).Distinct()];
        Assert.Equal(error.Length == 0 ? [] : [error], errors);
    }

    [Fact]
    public void An_edit_elsewhere_does_not_regenerate_the_stubs()
    {
        string source = Head + "[TsmDriver] public sealed partial class AcmeTsm : HostTsmDriver { }";
        CSharpCompilation before = DriverFixture.With(source).AddSyntaxTrees(CSharpSyntaxTree.ParseText("class A;", GeneratorHarness.ParseOptions, "Other.cs"));
        GeneratorDriver driver = DriverFixture.Driver().RunGenerators(before);
        SyntaxTree other = before.SyntaxTrees.Single(t => t.FilePath == "Other.cs");
        driver = driver.RunGenerators(before.ReplaceSyntaxTree(other, CSharpSyntaxTree.ParseText("class B;", GeneratorHarness.ParseOptions, "Other.cs")));
        GeneratorRunResult result = GeneratorHarness.Result(driver);
        Assert.All(result.TrackedSteps[StepNames.Drivers].SelectMany(s => s.Outputs), o => Assert.Equal(IncrementalStepRunReason.Unchanged, o.Reason));
        Assert.All(result.TrackedOutputSteps.SelectMany(s => s.Value).SelectMany(s => s.Outputs), o => Assert.Equal(IncrementalStepRunReason.Cached, o.Reason));
    }
}
