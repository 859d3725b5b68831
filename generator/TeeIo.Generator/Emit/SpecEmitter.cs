using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Scriban.Runtime;
using TeeIo.Abi;
using TeeIo.Abi.Model;

namespace TeeIo.Generator.Emit;

/// <summary>Writes the files of one spec.</summary>
internal static class SpecEmitter
{
    private const string FileTemplate = "file";

    // A kind of interface is a builder and a template here. A kind that has none yet gets its types only.
    private static readonly Emission[] _emissions =
    {
        new("Ids", "ids", IdModel.Build),
        new("Enums", "enums", EnumModel.Build),
        new("Records", "records", RecordModel.Build),
        new("Constants", "constants", ConstantModel.Build),
        new("Calls", "calls", CallTableModel.Build),
    };

    /// <summary>The files of <paramref name="input"/>; none while it is wrong.</summary>
    public static EquatableArray<GeneratedFile> Emit(EmitInput input, CancellationToken cancel)
    {
        if (!input.IsEmitted || input.Checked.Spec is not { } spec || input.Checked.Diagnostics.Any(d => d.Severity == AbiSeverity.Error)) return default;
        List<GeneratedFile> files = new();
        foreach (Emission emission in _emissions)
        {
            cancel.ThrowIfCancellationRequested();
            EmitContext context = new(spec, input);
            if (emission.Build(context) is not { } model) continue;
            ScriptObject file = new()
            {
                ["abi"] = Docs.OneLine(spec.Name),
                ["source"] = Docs.OneLine(spec.Provenance.Source),
                ["usings"] = context.Usings.ToArray(),
                ["namespace"] = spec.Namespace,
                ["body"] = TemplateRenderer.Render(emission.Template, model).Trim('\n'),
            };
            files.Add(new GeneratedFile($"{context.Stem}.{emission.Group}.g.cs", TemplateRenderer.Render(FileTemplate, file)));
        }

        return new(files);
    }
}
