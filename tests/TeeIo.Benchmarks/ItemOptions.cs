using System.Diagnostics.CodeAnalysis;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace TeeIo.Benchmarks;

/// <summary>The same MSBuild metadata for every file.</summary>
internal sealed class ItemOptions(IReadOnlyDictionary<string, string> metadata) : AnalyzerConfigOptionsProvider
{
    private readonly Options _options = new(metadata);

    public override AnalyzerConfigOptions GlobalOptions => _options;

    public override AnalyzerConfigOptions GetOptions(SyntaxTree tree) => _options;

    public override AnalyzerConfigOptions GetOptions(AdditionalText textFile) => _options;

    private sealed class Options(IReadOnlyDictionary<string, string> metadata) : AnalyzerConfigOptions
    {
        public override bool TryGetValue(string key, [NotNullWhen(true)] out string? value)
        {
            const string Prefix = "build_metadata.AdditionalFiles.";
            value = null;
            return key.StartsWith(Prefix, StringComparison.Ordinal) && metadata.TryGetValue(key[Prefix.Length..], out value);
        }
    }
}
