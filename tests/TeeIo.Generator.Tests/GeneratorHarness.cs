using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace TeeIo.Generator.Tests;

/// <summary>Runs the generator as the compiler does.</summary>
internal static class GeneratorHarness
{
    public static CSharpParseOptions ParseOptions { get; } = new(LanguageVersion.CSharp14, DocumentationMode.Diagnose);

    private static readonly Lazy<GeneratorRunResult> _everything = new(() => Run(Repository.Specs));

    private const string ImplicitUsings = "using System; using System.Collections.Generic; using System.IO; using System.Linq; using System.Threading; using System.Threading.Tasks;";

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

    /// <summary>The hand-written file <paramref name="path"/>, with the <c>using</c>s that its project has without writing them. They are its own only: a generated file has to bring its own.</summary>
    public static SyntaxTree HandWritten(string path) => CSharpSyntaxTree.ParseText($"{ImplicitUsings}\n{File.ReadAllText(path)}", ParseOptions, path);
}
