using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using TeeIo.Generator.CodeFixes;
using TeeIo.Generator.Drivers;

namespace TeeIo.Generator.Tests.Drivers;

public sealed class FillOpFixTests : IDisposable
{
    private const string Source = """
        using TeeIo.Boundaries;
        using TeeIo.Linux;
        using TeeIo.Tsm;

        namespace Acme;

        [TsmDriver]
        public sealed partial class AcmeTsm : HostTsmDriver
        {
            protected override SysResult Probe(ProbeContext context) => SysResult.Ok;
            protected override SysResult Remove(RemoveContext context) => SysResult.Ok;
            protected override SysResult Connect(ConnectContext context) => SysResult.Ok;
            protected override SysResult Disconnect(DisconnectContext context) => SysResult.Ok;
            protected override SysResult GuestReq(GuestReqContext context) => Errno.EINVAL;
        }

        """;

    private readonly DriverWorkspace _workspace = new();

    [Fact]
    public async Task A_fix_writes_the_override_of_one_op_and_the_rest_stays_missing()
    {
        (string title, string fixedSource) = (await FixesOf(Source)).Single(f => f.Title.Contains("'Bind'", StringComparison.Ordinal));
        Assert.Equal("Fill 'Bind'", title);
        Assert.Contains(
            """
                protected override SysResult Bind(BindContext context)
                {
                    throw new System.NotImplementedException();
                }
            """.ReplaceLineEndings("\n"),
            fixedSource,
            StringComparison.Ordinal);
        Assert.Equal(["Unbind"], await Missing(fixedSource));
    }

    [Fact]
    public async Task One_fix_writes_every_op_and_the_class_compiles()
    {
        string fixedSource = (await FixesOf(Source)).Single(f => f.Title == "Fill every missing op").Source;
        Assert.Empty(await Missing(fixedSource));
        Assert.Empty(DriverFixture.Errors(fixedSource));
    }

    [Fact]
    public async Task Fixing_all_of_a_document_writes_every_op_of_every_driver()
    {
        string two = Source + Source[Source.IndexOf("[TsmDriver]", StringComparison.Ordinal)..].Replace("AcmeTsm", "OtherTsm", StringComparison.Ordinal);
        Document document = _workspace.DocumentOf(two);
        FixAllContext context = new(document, new FillOpFix(), FixAllScope.Document, nameof(FillOpFix), ["TSM0001"], new Found(await Diagnostics(two)), CancellationToken.None);
        CodeAction action = Assert.IsAssignableFrom<CodeAction>(await new FillOpFix().GetFixAllProvider().GetFixAsync(context));
        string fixedSource = await DriverWorkspace.Apply(action, document);
        Assert.Empty(await Missing(fixedSource));
        Assert.Empty(DriverFixture.Errors(fixedSource));
    }

    public void Dispose() => _workspace.Dispose();

    private static async Task<IEnumerable<string>> Missing(string source) => (await Diagnostics(source)).Select(d => d.Properties["Op"]!);

    private static Task<ImmutableArray<Diagnostic>> Diagnostics(string source) => DriverFixture.Diagnostics(new TsmDriverAnalyzer(), source);

    private async Task<List<(string Title, string Source)>> FixesOf(string source) => await _workspace.FixesOf(new FillOpFix(), source, await Diagnostics(source));

    private sealed class Found(IEnumerable<Diagnostic> diagnostics) : FixAllContext.DiagnosticProvider
    {
        public override Task<IEnumerable<Diagnostic>> GetAllDiagnosticsAsync(Project project, CancellationToken cancellationToken) => Task.FromResult(diagnostics);

        public override Task<IEnumerable<Diagnostic>> GetDocumentDiagnosticsAsync(Document document, CancellationToken cancellationToken) => Task.FromResult(diagnostics);

        public override Task<IEnumerable<Diagnostic>> GetProjectDiagnosticsAsync(Project project, CancellationToken cancellationToken) => Task.FromResult(Enumerable.Empty<Diagnostic>());
    }
}
