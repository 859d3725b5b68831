using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace TeeIo.Generator.Tests;

/// <summary>A spec as a project passes it to the compiler.</summary>
internal sealed class SpecText(string path, string text, string? role = null) : AdditionalText
{
    public override string Path => path;

    /// <summary>Its <c>AbiRole</c>, or null where the project says none.</summary>
    public string? Role => role;

    public override SourceText GetText(CancellationToken cancellationToken = default) => SourceText.From(text);

    /// <summary>The same file after an edit, which must change something.</summary>
    public SpecText Edit(string old, string with)
    {
        Assert.Contains(old, text, StringComparison.Ordinal);
        return new SpecText(path, text.Replace(old, with, StringComparison.Ordinal), role);
    }

    /// <summary>The same file in the role <paramref name="newRole"/>.</summary>
    public SpecText As(string newRole) => new(path, text, newRole);
}
