using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace TeeIo.Generator.Tests;

/// <summary>Runs the generator as the compiler does.</summary>
internal static class GeneratorHarness
{
    public static CSharpParseOptions ParseOptions { get; } = new(LanguageVersion.CSharp14, DocumentationMode.Diagnose);

    private static readonly Lazy<GeneratorRunResult> _everything = new(() => Run(Repository.Specs));

    private static readonly MetadataReference[] _framework =
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(p => Path.GetFileName(p) is { } name && (name.StartsWith("System.", StringComparison.Ordinal) || name is "mscorlib.dll" or "netstandard.dll"))
            .Select(p => MetadataReference.CreateFromFile(p))];

    /// <summary>A driver with <paramref name="specs"/> that records why each step ran.</summary>
    public static CSharpGeneratorDriver Driver(params IEnumerable<SpecText> specs) => CSharpGeneratorDriver.Create(
        [new AbiGenerator().AsSourceGenerator()], specs, ParseOptions, new RoleOptions(),
        new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));

    /// <summary>What the generator makes of <paramref name="specs"/>. An exception in it is a failure of the test, not a warning.</summary>
    public static GeneratorRunResult Run(params IEnumerable<SpecText> specs) => Result(Driver(specs).RunGenerators(Compilation([])));

    /// <summary>What the generator makes of all specs of the repository.</summary>
    public static GeneratorRunResult Everything => _everything.Value;

    /// <summary>The result of the only generator of <paramref name="driver"/>.</summary>
    public static GeneratorRunResult Result(GeneratorDriver driver)
    {
        GeneratorRunResult result = driver.GetRunResult().Results.Single();
        Assert.Null(result.Exception);
        return result;
    }

    /// <summary>A compilation of <paramref name="sources"/> against the framework, with everything reported that a build would treat as an error.</summary>
    public static CSharpCompilation Compilation(IEnumerable<SyntaxTree> sources) => CSharpCompilation.Create(
        "Generated", sources, _framework,
        new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable, warningLevel: 9999));

    /// <summary>The file <paramref name="path"/>.</summary>
    public static SyntaxTree Parse(string path) => CSharpSyntaxTree.ParseText(File.ReadAllText(path), ParseOptions, path);

    /// <summary>The <c>using</c>s that projects have without writing them.</summary>
    public static SyntaxTree ImplicitUsings { get; } = CSharpSyntaxTree.ParseText(
        "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; global using System.Threading; global using System.Threading.Tasks;",
        ParseOptions);
}
