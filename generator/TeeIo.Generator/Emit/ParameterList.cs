using System.Collections.Generic;

namespace TeeIo.Generator.Emit;

/// <summary>Lays lists of parameters and arguments out as one would by hand.</summary>
internal static class ParameterList
{
    private const int Width = 150;

    /// <summary><paramref name="items"/> in one line where that has room after <paramref name="before"/> characters, else a line each, <paramref name="level"/> levels deep.</summary>
    public static string Join(IReadOnlyCollection<string> items, int before, int level)
    {
        string line = string.Join(", ", items);
        if (before + line.Length <= Width) return line;
        string start = "\n" + new string(' ', 4 * level);
        return start + string.Join("," + start, items);
    }

    /// <summary>A parameter's documentation.</summary>
    public static string Doc(string parameter, string doc, string? unit = null)
    {
        string sentence = Docs.Sentence(doc.Length > 0 ? doc : parameter.TrimStart('@'));
        return $"<param name=\"{parameter.TrimStart('@')}\">{sentence}{(unit is null ? "" : $" In {Docs.Escape(unit)}.")}</param>";
    }
}
