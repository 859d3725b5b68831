using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using TeeIo.Abi.Model;

namespace TeeIo.Abi;

/// <summary>Collects the diagnostics of one file.</summary>
internal sealed class DiagnosticBag(string path)
{
    private const int LongestQuote = 80;
    private const int MostItems = 200;
    private readonly List<AbiDiagnostic> _items = new();

    public int Count => _items.Count;

    /// <summary>Whether there is as much wrong as anybody reads; from here on nothing is added, and hints needn't be looked for.</summary>
    public bool IsFull => _items.Count >= MostItems;

    public void Report(AbiRule rule, SourceSpan span, params object[] arguments)
    {
        if (IsFull) return;

        // What is quoted from the text may be of any length: a message must not be.
        object[] quoted = arguments.Select(a => a is string { Length: > LongestQuote * 2 } s ? s.Substring(0, LongestQuote) + "…" : a).ToArray();
        string message = string.Format(CultureInfo.InvariantCulture, rule.Format, quoted);
        _items.Add(new AbiDiagnostic(rule.Id, rule.Title, message, path, span.Line, span.Column, span.EndLine, span.EndColumn, rule.Severity));
    }

    /// <summary>What was reported, in the order of the text.</summary>
    public EquatableArray<AbiDiagnostic> ToArray() => new(_items.OrderBy(d => d.Line).ThenBy(d => d.Column).ThenBy(d => d.Id, System.StringComparer.Ordinal));
}
