using System;
using System.Collections.Concurrent;
using System.IO;
using System.Linq;
using System.Reflection;
using Scriban;
using Scriban.Runtime;

namespace TeeIo.Generator.Emit;

/// <summary>Renders the templates that are embedded in this assembly. Each is parsed once; one renderer writes the files of one spec.</summary>
internal sealed class TemplateRenderer : IDisposable
{
    private const string Extension = ".scriban";

    private static readonly ConcurrentDictionary<string, Template> _templates = new(StringComparer.Ordinal);

    // Templates only put together what builders made, so they have no functions: setting those up costs more than a small file.
    private readonly TemplateContext _context = new(new ScriptObject())
    {
        // By default Scriban stops loops at 1000 rounds and cuts long text off without a word.
        LoopLimit = 0,
        LimitToString = 0,
        RecursiveLimit = 0,
        StrictVariables = true,
        EnableRelaxedMemberAccess = false,
        NewLine = "\n",
    };

    public TemplateRenderer() => _context.PushOutput(Text);

    /// <summary>What was rendered since it was cleared.</summary>
    public RenderedText Text { get; } = new();

    /// <summary>Adds what <paramref name="template"/> makes of <paramref name="model"/> to <see cref="Text"/>.</summary>
    public void Render(string template, ScriptObject model)
    {
        _context.PushGlobal(model);
        _templates.GetOrAdd(template, Parse).Render(_context);
        _context.PopGlobal();
    }

    /// <inheritdoc/>
    public void Dispose() => Text.Dispose();

    private static Template Parse(string name)
    {
        Template template = Template.Parse(Read(name + Extension), name);
        if (template.HasErrors) throw new InvalidOperationException($"Template {name}: {string.Join("; ", template.Messages.Select(m => m.ToString()))}");
        return template;
    }

    private static string Read(string resource)
    {
        using Stream stream = typeof(TemplateRenderer).GetTypeInfo().Assembly.GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"There is no template {resource} in this assembly.");
        using StreamReader reader = new(stream);
        return reader.ReadToEnd().Replace("\r\n", "\n");
    }
}
