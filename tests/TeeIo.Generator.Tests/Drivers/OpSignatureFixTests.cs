using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using TeeIo.Generator.CodeFixes;

namespace TeeIo.Generator.Tests.Drivers;

public sealed class OpSignatureFixTests : IDisposable
{
    private const string Right = "    protected override SysResult Unbind(UnbindContext context) => SysResult.Ok;";

    private readonly DriverWorkspace _workspace = new();

    [Theory]
    [InlineData("CS0115", "    protected override SysResult Unbind(BindContext context) => SysResult.Ok;")]
    [InlineData("CS0115", "    protected override SysResult Unbind(UnbindContext context, int more) => SysResult.Ok;")]
    [InlineData("CS0115", "    protected override SysResult Unbind() => SysResult.Ok;")]
    [InlineData("CS0507", "    public override SysResult Unbind(UnbindContext context) => SysResult.Ok;")]
    [InlineData("CS0508", "    protected override int Unbind(UnbindContext context) => SysResult.Ok;")]
    [InlineData("CS0114", "    protected SysResult Unbind(UnbindContext context) => SysResult.Ok;")]
    public async Task A_wrong_signature_becomes_the_op_s(string id, string wrong)
    {
        (string title, string fixedSource) = Assert.Single(await FixesOf(id, Driver(wrong)));
        Assert.Equal("Give 'Unbind' the signature of the op", title);
        Assert.Equal(Driver(Right), fixedSource);
        Assert.Empty(DriverFixture.Errors(fixedSource));
    }

    [Fact]
    public async Task A_parameter_keeps_its_name_and_the_method_its_comment_and_body()
    {
        const string Wrong = """
                // Stops first.
                public override SysResult Unbind(BindContext call)
                {
                    return call.Tdi.Value is null ? Errno.EIO : SysResult.Ok;
                }
            """;
        string fixedSource = Assert.Single(await FixesOf("CS0115", Driver(Wrong))).Source;
        Assert.Equal(Driver(Wrong.Replace("public override SysResult Unbind(BindContext call)", "protected override SysResult Unbind(UnbindContext call)", StringComparison.Ordinal)), fixedSource);
        Assert.Empty(DriverFixture.Errors(fixedSource));
    }

    [Theory]
    [InlineData("    protected override SysResult Unbnd(UnbindContext context) => SysResult.Ok;", "[TsmDriver]")]
    [InlineData("    protected override SysResult Unbind(BindContext context) => SysResult.Ok;", "")]
    [InlineData(Right + "\n    protected override SysResult Unbind(BindContext context) => SysResult.Ok;", "[TsmDriver]")]
    public async Task Where_no_op_is_meant_nothing_is_offered(string method, string mark) =>
        Assert.Empty(await FixesOf("CS0115", Driver(method).Replace("[TsmDriver]", mark, StringComparison.Ordinal)));

    public void Dispose() => _workspace.Dispose();

    private static string Driver(string unbind) => $$"""
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
            protected override SysResult Bind(BindContext context) => SysResult.Ok;
        {{unbind}}
        }

        """;

    private async Task<List<(string Title, string Source)>> FixesOf(string id, string source)
    {
        Compilation compilation = (await _workspace.DocumentOf(source).Project.GetCompilationAsync())!;
        ImmutableArray<Diagnostic> found = [.. compilation.GetDiagnostics().Where(d => d.Id == id)];
        Assert.NotEmpty(found);
        return await _workspace.FixesOf(new OpSignatureFix(), source, found);
    }
}
