using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using TeeIo.Abi;
using TeeIo.Abi.Checking;
using TeeIo.Abi.Model;
using TeeIo.Generator.Emit;

namespace TeeIo.Generator;

/// <summary>Turns the <c>*.abi.yaml</c> files among a project's <c>AdditionalFiles</c> into C# for both sides of every boundary that they describe.</summary>
[Generator(LanguageNames.CSharp)]
public sealed class AbiGenerator : IIncrementalGenerator
{
    private const string Extension = ".abi.yaml";
    private const string RoleOption = "build_metadata.AdditionalFiles.AbiRole";
    private const string ReferenceRole = "Reference";

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        IncrementalValuesProvider<SpecSource> sources = context.AdditionalTextsProvider
            .Where(static file => file.Path.EndsWith(Extension, StringComparison.OrdinalIgnoreCase))
            .Combine(context.AnalyzerConfigOptionsProvider)
            .Select(static (pair, _) => (File: pair.Left, IsEmitted: IsEmitted(pair.Right.GetOptions(pair.Left))))
            .Select(static (input, cancel) => Read(input.File, input.IsEmitted, cancel))
            .WithTrackingName(StepNames.Read);

        IncrementalValueProvider<SpecSet> set = sources.Collect()
            .Select(static (all, _) => SpecSet.Create(all))
            .WithTrackingName(StepNames.Symbols);

        IncrementalValuesProvider<EmitInput> specs = sources.Combine(set)
            .Select(static (pair, _) => pair.Right.Resolve(pair.Left))
            .WithTrackingName(StepNames.Resolve)
            .Select(static (input, _) => Check(input))
            .WithTrackingName(StepNames.Check);

        IncrementalValuesProvider<EquatableArray<GeneratedFile>> files = specs
            .Select(static (spec, cancel) => SpecEmitter.Emit(spec, cancel))
            .WithTrackingName(StepNames.Emit);

        IncrementalValueProvider<EquatableArray<AbiDiagnostic>> betweenSpecs = sources.Collect().Combine(specs.Collect())
            .Select(static (pair, _) => CheckSet(pair.Left, pair.Right))
            .WithTrackingName(StepNames.CheckSet);

        context.RegisterSourceOutput(files, static (output, generated) =>
        {
            foreach (GeneratedFile file in generated) output.AddSource(file.HintName, file.Text);
        });
        context.RegisterSourceOutput(specs, static (output, spec) => Report(output, spec.IsEmitted ? spec.Checked.Diagnostics : default));
        context.RegisterSourceOutput(betweenSpecs, static (output, diagnostics) => Report(output, diagnostics));
    }

    private static bool IsEmitted(AnalyzerConfigOptions options) =>
        !options.TryGetValue(RoleOption, out string? role) || !role.Equals(ReferenceRole, StringComparison.OrdinalIgnoreCase);

    private static SpecSource Read(AdditionalText file, bool isEmitted, CancellationToken cancel) =>
        new(SpecReader.Read(file.Path, file.GetText(cancel)?.ToString() ?? ""), isEmitted);

    private static EmitInput Check(SpecInput input) => new(
        SpecChecker.Check(input.Source.Document, input.Visible), input.Source.IsEmitted, input.Visible, input.Extended);

    // A spec that is only referred to is checked where it is emitted.
    private static EquatableArray<AbiDiagnostic> CheckSet(ImmutableArray<SpecSource> sources, ImmutableArray<EmitInput> specs)
    {
        HashSet<string> emitted = new(sources.Where(s => s.IsEmitted).Select(s => s.Document.Path), StringComparer.Ordinal);
        IEnumerable<AbiDiagnostic> all = SetChecker.Check(sources.Select(s => s.Document).ToArray(), specs.Select(s => s.Checked).ToArray());
        return new(all.Where(d => emitted.Contains(d.Path)));
    }

    private static void Report(SourceProductionContext output, EquatableArray<AbiDiagnostic> diagnostics)
    {
        foreach (AbiDiagnostic diagnostic in diagnostics) output.ReportDiagnostic(DiagnosticDescriptors.ToRoslyn(diagnostic));
    }
}
