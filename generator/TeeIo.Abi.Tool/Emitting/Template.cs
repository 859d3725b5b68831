using System.Text.RegularExpressions;
using Scriban;
using Scriban.Runtime;
using ScribanTemplate = Scriban.Template;

namespace TeeIo.Abi.Tool.Emitting;

/// <summary>Renders the embedded templates.</summary>
internal static partial class Template
{
    /// <summary>Renders the template <paramref name="name"/>.</summary>
    public static string Render(string name, ScriptObject model)
    {
        using Stream stream = typeof(Template).Assembly.GetManifestResourceStream(name + ".scriban")!;
        using StreamReader reader = new(stream);
        ScribanTemplate template = ScribanTemplate.Parse(reader.ReadToEnd(), name);
        if (template.HasErrors) throw new InvalidOperationException(template.Messages.ToString());
        TemplateContext context = new() { NewLine = "\n", LoopLimit = 0, LimitToString = 0 };
        context.PushGlobal(model);
        // Optional parts leave more blank lines than a reader wants.
        return BlankLines().Replace(template.Render(context), "\n\n");
    }

    [GeneratedRegex(@"\n{3,}")]
    private static partial Regex BlankLines();
}
