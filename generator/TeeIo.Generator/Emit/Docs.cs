using System.Collections.Generic;
using System.Linq;
using System.Text;
using TeeIo.Abi.Model;

namespace TeeIo.Generator.Emit;

/// <summary>Writes a spec's words as XML documentation.</summary>
internal static class Docs
{
    private static readonly char[] _lineBreaks = { '\r', '\n', '\u0085', '\u2028', '\u2029' };

    /// <summary>A summary, and remarks on where it comes from as far as that differs from <paramref name="outer"/>. Ready to stand on lines of its own, <paramref name="level"/> levels deep.</summary>
    public static string Of(int level, Provenance item, Provenance outer, string? cName = null, IEnumerable<string>? remarks = null)
    {
        List<string> notes = new();
        if (!string.IsNullOrEmpty(cName)) notes.Add($"<c>{Escape(cName!)}</c>.");
        if (remarks is not null) notes.AddRange(remarks);
        if (item.Since is not null && item.Since != outer.Since) notes.Add($"Since {Escape(item.Since)}.");
        if (item.Until is not null && item.Until != outer.Until) notes.Add($"Until {Escape(item.Until)}.");
        if (item.Generation is not null && item.Generation != outer.Generation) notes.Add($"Generation {Escape(item.Generation)}.");
        if (item.Status != outer.Status) notes.Add(StatusNote(item.Status));
        if (item.Source.Length > 0 && item.Source != outer.Source) notes.Add($"Source: {Escape(item.Source)}.");
        return Lines(level, Summary(item.Doc, cName), notes.Count == 0 ? null : $"<remarks>{string.Join(" ", notes)}</remarks>");
    }

    /// <summary>As <see cref="Of"/>, for what stands for the whole of a spec.</summary>
    public static string OfSpec(string doc, AbiSpec spec)
    {
        string since = spec.Provenance.Since is { } first ? $" Since {Escape(first)}." : "";
        string until = spec.Provenance.Until is { } last ? $" Until {Escape(last)}." : "";
        string generation = spec.Provenance.Generation is { } name ? $" Generation {Escape(name)}." : "";
        return Lines(0, Summary(doc, spec.Name), $"<remarks>{StatusNote(spec.Provenance.Status)}{since}{until}{generation} Source: {Escape(spec.Provenance.Source)}.</remarks>");
    }

    /// <summary>Remarks on the errors that <paramref name="call"/> is known to give, and on states before and after it.</summary>
    public static IEnumerable<string> Outcomes(Call call)
    {
        if (call.Errors.Count > 0) yield return "Errors: " + string.Join("; ", call.Errors.Select(e => $"{Escape(e.Name)} ({Escape(e.Meaning)})")) + ".";
        foreach (string remark in States(call)) yield return remark;
    }

    /// <summary>Remarks on the states in which <paramref name="call"/> works and on those that it leads to.</summary>
    public static IEnumerable<string> States(Call call)
    {
        if (CallStates.Text(call.Allowed) is { } allowed) yield return $"Works in {Escape(allowed)}.";
        if (CallStates.Text(call.Then) is { } then) yield return $"Then {Escape(then)}.";
    }

    /// <summary>A returns element, with the errors that <paramref name="call"/> is known to give.</summary>
    public static string Returns(Call call)
    {
        string value = call.Returns switch
        {
            CallReturn.Fd => "The new descriptor",
            CallReturn.Value => "The number asked for",
            CallReturn.Residue => "How many bytes were left over",
            _ => "Success",
        };
        string errors = string.Join("; ", call.Errors.Select(e => $"{Escape(e.Name)}: {Escape(e.Meaning)}"));
        return errors.Length == 0 ? $"<returns>{value}.</returns>" : $"<returns>{value}, or an error. {errors}.</returns>";
    }

    /// <summary>A summary element.</summary>
    public static string Summary(string doc, string? fallback = null) => $"<summary>{Sentence(doc.Length > 0 ? doc : fallback ?? "")}</summary>";

    /// <summary>Documentation lines, <paramref name="level"/> levels deep; those that are null are left out.</summary>
    public static string Lines(int level, params string?[] lines)
    {
        int room = 0;
        foreach (string? line in lines) room += line is null ? 0 : line.Length + (4 * level) + 8;
        StringBuilder result = new(room);
        foreach (string? line in lines)
        {
            if (line is not null) AppendWrapped(result, line, 4 * level);
        }

        return result.ToString();
    }

    /// <summary><paramref name="text"/> as a sentence: with a capital and a full stop, escaped.</summary>
    public static string Sentence(string text)
    {
        string one = OneLine(text);
        if (one.Length == 0) return one;
        string end = one[one.Length - 1] is '.' or '?' or '!' ? "" : ".";
        // A name of the field's own (iommu_hw_info, vCPU) keeps its case.
        bool isWord = true;
        for (int i = 0; i < one.Length && one[i] != ' ' && isWord; i++) isWord = one[i] is >= 'a' and <= 'z' or '-' or '\'' or ',' or ':';
        return Escape((isWord ? char.ToUpperInvariant(one[0]) + one.Substring(1) : one) + end);
    }

    /// <summary><paramref name="text"/> as XML text.</summary>
    public static string Escape(string text)
    {
        string one = OneLine(text);
        int plain = 0;
        while (plain < one.Length && IsPlain(one[plain])) plain++;
        if (plain == one.Length) return one;

        StringBuilder result = new(one, 0, plain, one.Length + 16);
        foreach (char c in one.Substring(plain))
        {
            switch (c)
            {
                case '&': result.Append("&amp;"); break;
                case '<': result.Append("&lt;"); break;
                case '>': result.Append("&gt;"); break;
                case var _ when IsPlain(c): result.Append(c); break;
                default: break;
            }
        }

        return result.ToString();
    }

    /// <summary><paramref name="text"/> without line breaks of any kind, so that it can't end a comment.</summary>
    public static string OneLine(string text) => text.IndexOfAny(_lineBreaks) < 0 ? text.Trim() : string.Join(" ", text.Split(_lineBreaks, System.StringSplitOptions.RemoveEmptyEntries).Select(l => l.Trim()));

    private static string StatusNote(AbiStatus status) => status switch
    {
        AbiStatus.Upstream => "Status: upstream.",
        AbiStatus.Proposed => "Status: proposed, not merged.",
        AbiStatus.Unverified => "Status: unverified.",
        _ => "Status: model; nothing public exists, and it runs on the software platform only.",
    };

    private static bool IsPlain(char c) => c is >= ' ' and not '&' and not '<' and not '>' and not '\uFFFE' and not '\uFFFF' or '\t';

    private static void AppendWrapped(StringBuilder result, string text, int indent)
    {
        const string Mark = "/// ";
        int width = 160 - indent - Mark.Length;
        int from = 0;
        while (true)
        {
            int at = text.Length - from > width ? text.LastIndexOf(' ', from + width, width) : -1;
            int end = at > from ? at : text.Length;
            if (result.Length > 0) result.Append('\n');
            result.Append(' ', indent).Append(Mark).Append(text, from, end - from);
            if (end == text.Length) return;
            from = end + 1;
        }
    }
}
