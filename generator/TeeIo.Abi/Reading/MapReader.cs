using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using TeeIo.Abi.Model;
using TeeIo.Abi.Yaml;

namespace TeeIo.Abi.Reading;

/// <summary>Reads a map key by key. The keys that were asked for are the keys that it may have: <see cref="Close"/> refuses the rest.</summary>
internal sealed class MapReader(YamlMap map, SourceSpan where, string kind, string? name, DiagnosticBag bag)
{
    private const int LongestName = 128;
    private readonly List<string> _known = new(16);
    private HashSet<string>? _extras;

    /// <summary>What the map is, for messages: <c>struct 'iommu_ioas_map'</c>.</summary>
    public string What => name is null ? kind : $"{kind} '{name}'";

    /// <summary>Where the map's key or name stands.</summary>
    public SourceSpan Where => where;

    public DiagnosticBag Bag => bag;

    public IEnumerable<string> Keys => map.Entries.Select(e => e.Key.Text);

    public bool Has(string key) => map.Find(key) is not null;

    public YamlNode? Take(string key)
    {
        if (!_known.Contains(key)) _known.Add(key);
        return map.Find(key)?.Value;
    }

    public SourceSpan SpanOf(string key) => map.Find(key) is { } entry
        ? entry.Value is YamlScalar ? entry.Value.Span : entry.Key.Span
        : where;

    public string? Text(string key) => Scalar(key, "a text")?.Text;

    /// <summary>A text that may be empty.</summary>
    public string AnyText(string key) => Take(key) is YamlScalar { Text.Length: 0 } ? "" : Text(key) ?? "";

    public string Required(string key, string hint) => Text(key) ?? Missing(key, hint);

    /// <summary>A text that <paramref name="isRight"/> accepts, or null.</summary>
    public string? Text(string key, Func<string, bool> isRight, string kind)
    {
        YamlScalar? scalar = Scalar(key, kind);
        if (scalar is null || isRight(scalar.Text)) return scalar?.Text;
        Wrong(scalar, kind);
        return null;
    }

    public string? Name(string key) => Text(key, IsName, "a name (letters, digits and _ - . < >)");

    public string RequiredName(string key, string hint) => Has(key) ? Name(key) ?? "" : (Text(key) ?? Missing(key, hint));

    public string? Choice(string key, params string[] choices)
    {
        if (Take(key) is null) return null;
        YamlScalar? scalar = Scalar(key, "one of " + string.Join(", ", choices));
        if (scalar is null || choices.Contains(scalar.Text)) return scalar?.Text;
        bag.Report(AbiRules.WrongValue, scalar.Span, scalar.Text, $"a value of '{key}'; " + Suggestion.Hint(scalar.Text, choices));
        return null;
    }

    public bool? Flag(string key) => Choice(key, "true", "false") is { } text ? text == "true" : null;

    public ulong? Number(string key)
    {
        YamlScalar? scalar = Scalar(key, "a number");
        if (scalar is null) return null;
        if (AbiNumber.TryParse(scalar.Text, out ulong value)) return value;
        Wrong(scalar, "a number (decimal, 0x…, 1<<3, 1|1<<3)");
        return null;
    }

    /// <summary>A number from 0 to <paramref name="highest"/>.</summary>
    public int? Small(string key, int highest)
    {
        if (Number(key) is not { } value) return null;
        if (value <= (ulong)highest) return (int)value;
        bag.Report(AbiRules.NumberTooBig, SpanOf(key), Text(key)!, $"'{key}', which goes from 0 to {highest}");
        return null;
    }

    /// <summary>A number or <c>unknown</c>; the number is null then.</summary>
    public (bool IsThere, ulong? Value) NumberOrUnknown(string key)
    {
        if (Take(key) is YamlScalar { Text: AbiNumber.Unknown }) return (true, null);
        ulong? value = Number(key);
        return (value is not null || Has(key), value);
    }

    public BitRange? Bits(string key)
    {
        YamlScalar? scalar = Scalar(key, "a bit or a range of bits");
        if (scalar is null) return null;
        string[] ends = scalar.Text.Split(':');
        if (ends.Length <= 2 && TryBit(ends[0], out int high) && TryBit(ends[ends.Length - 1], out int low) && low <= high) return new BitRange(high, low);
        Wrong(scalar, "a bit (\"3\") or a range of bits, high first (\"15:8\")");
        return null;
    }

    /// <summary>A list of texts; a single text counts as a list of one.</summary>
    public EquatableArray<string> Texts(string key)
    {
        switch (Take(key))
        {
            case null: return default;
            case YamlScalar scalar: return new(new[] { scalar.Text });
            case YamlList list when list.Items.All(i => i is YamlScalar): return new(list.Items.Select(i => ((YamlScalar)i).Text));
            case var other:
                bag.Report(AbiRules.WrongValue, SpanOf(key), key, "a list of words here; write [first, second]");
                _ = other;
                return default;
        }
    }

    /// <summary>A map of texts.</summary>
    public IReadOnlyList<(string Name, string Text, SourceSpan Span)> Pairs(string key)
    {
        List<(string, string, SourceSpan)> pairs = new();
        if (TakeMap(key) is not { } pairsMap) return pairs;
        foreach (YamlEntry entry in pairsMap.Entries)
        {
            if (entry.Value is YamlScalar scalar) pairs.Add((entry.Key.Text, scalar.Text, scalar.Span));
            else bag.Report(AbiRules.WrongValue, entry.Key.Span, entry.Key.Text, $"followed by a text; under '{key}:' each name has one");
        }

        return pairs;
    }

    /// <summary>The map under <paramref name="key"/>.</summary>
    public MapReader? Map(string key) => TakeMap(key) is { } inner ? new MapReader(inner, SpanOf(key), $"'{key}' of {What}", null, bag) : null;

    /// <summary>A map of named maps.</summary>
    public IEnumerable<(string Name, MapReader Body)> Items(string key, string kind)
    {
        if (TakeMap(key) is not { } items) yield break;
        foreach (YamlEntry entry in items.Entries)
        {
            string name = entry.Key.Text;
            if (!IsName(name)) bag.Report(AbiRules.WrongValue, entry.Key.Span, name, "a name (letters, digits and _ - . < >)");
            else if (entry.Value is YamlMap body) yield return (name, new MapReader(body, entry.Key.Span, kind, name, bag));
            else bag.Report(AbiRules.WrongValue, entry.Key.Span, name, $"followed by a map; write {name}: {{ doc: … }}");
        }
    }

    /// <summary>A list of maps, which go by their <c>name:</c> where they have one.</summary>
    public IEnumerable<MapReader> List(string key, string kind)
    {
        YamlNode? node = Take(key);
        if (node is null) yield break;
        if (node is not YamlList list)
        {
            bag.Report(AbiRules.WrongValue, SpanOf(key), key, "a list here; write [{ … }, { … }]");
            yield break;
        }

        foreach (YamlNode item in list.Items)
        {
            if (item is YamlMap body)
            {
                YamlScalar? name = body.Find("name")?.Value as YamlScalar;
                SourceSpan start = item.Span with { EndLine = item.Span.Line, EndColumn = item.Span.Column };
                yield return new MapReader(body, name?.Span ?? start, kind, name?.Text, bag);
            }
            else
            {
                bag.Report(AbiRules.WrongValue, item.Span, (item as YamlScalar)?.Text ?? key, $"a map that describes a {kind}");
            }
        }
    }

    /// <summary>Keys nobody asked for, with their texts; they count as asked for.</summary>
    public IEnumerable<(string Key, string Text)> Extras()
    {
        foreach (YamlEntry entry in map.Entries)
        {
            if (_known.Contains(entry.Key.Text) || entry.Value is not YamlScalar { Text.Length: > 0 } scalar) continue;
            if (!IsName(entry.Key.Text) || Suggestion.For(entry.Key.Text, _known) is not null) continue;
            (_extras ??= new(StringComparer.Ordinal)).Add(entry.Key.Text);
            yield return (entry.Key.Text, scalar.Text);
        }
    }

    public string Missing(string key, string hint)
    {
        bag.Report(AbiRules.MissingKey, where, Capital(What), key, hint);
        return "";
    }

    public void Wrong(string key, string text, string kind) => bag.Report(AbiRules.WrongValue, SpanOf(key), text, kind);

    /// <summary>Refuses the keys that nobody asked for.</summary>
    public void Close()
    {
        foreach (YamlEntry entry in map.Entries)
        {
            if (_known.Contains(entry.Key.Text) || _extras?.Contains(entry.Key.Text) == true || bag.IsFull) continue;
            bag.Report(AbiRules.UnknownKey, entry.Key.Span, Capital(What), entry.Key.Text, Suggestion.Hint(entry.Key.Text, _known));
        }
    }

    public static string Capital(string text) => char.ToUpperInvariant(text[0]) + text.Substring(1);

    private static bool IsName(string text)
    {
        bool hasWord = false;
        foreach (char c in text)
        {
            if (IsLetterOrDigit(c)) hasWord = true;
            else if ("_-.<>".IndexOf(c) < 0) return false;
        }

        return hasWord && text.Length <= LongestName;
    }

    private static bool IsLetterOrDigit(char c) => c is >= 'a' and <= 'z' or >= 'A' and <= 'Z' or >= '0' and <= '9';

    private static bool TryBit(string text, out int bit) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out bit) && bit < 64;

    private YamlScalar? Scalar(string key, string kind)
    {
        switch (Take(key))
        {
            case null: return null;
            case YamlScalar { Text.Length: > 0 } scalar: return scalar;
            default:
                bag.Report(AbiRules.WrongValue, SpanOf(key), key, $"followed by {kind}");
                return null;
        }
    }

    private YamlMap? TakeMap(string key)
    {
        YamlNode? node = Take(key);
        if (node is null or YamlMap) return node as YamlMap;
        bag.Report(AbiRules.WrongValue, SpanOf(key), key, "followed by a map; write name: { … } below it");
        return null;
    }

    private void Wrong(YamlScalar scalar, string kind) => bag.Report(AbiRules.WrongValue, scalar.Span, scalar.Text, kind);
}
