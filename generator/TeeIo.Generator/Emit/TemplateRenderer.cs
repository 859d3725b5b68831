using System;
using System.Collections.Concurrent;
using System.IO;
using System.Linq;
using System.Reflection;
using Scriban;
using Scriban.Runtime;

namespace TeeIo.Generator.Emit;

/// <summary>Renders the templates that are embedded in this assembly. Each is parsed once.</summary>
internal static class TemplateRenderer
{
    private const string Extension = ".scriban";

    private static readonly ConcurrentDictionary<string, Template> _templates = new(StringComparer.Ordinal);

    /// <summary>The text that <paramref name="template"/> makes of <paramref name="model"/>.</summary>
    public static string Render(string template, ScriptObject model)
    {
        TemplateContext context = new()
        {
            // By default Scriban stops loops at 1000 rounds and cuts long text off without a word.
            LoopLimit = 0,
            LimitToString = 0,
            RecursiveLimit = 0,
            StrictVariables = true,
            EnableRelaxedMemberAccess = false,
            NewLine = "\n",
        };
        context.PushGlobal(model);
        return _templates.GetOrAdd(template, Parse).Render(context);
    }

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
