using System.Globalization;
using TeeIo.Abi.Model;
using TeeIo.Abi.Tool.Checking;
using TeeIo.Abi.Tool.Headers;
using TeeIo.Abi.Tool.Importing;
using TeeIo.Abi.Yaml;

namespace TeeIo.Abi.Tool.Tests.Importing;

/// <summary>A spec as it would be if only an older header were known: the lines of what that header lacks are cut out, and records have the sizes that they had.</summary>
internal sealed class OlderSpec
{
    private readonly AbiSpec _spec;
    private readonly SpecText _text;
    private readonly string[] _lines;
    private readonly HashSet<int> _cut = [];

    private OlderSpec(AbiSpec spec, string path, string text)
    {
        _spec = spec;
        _text = new SpecText(path, text);
        _lines = text.Split('\n');
    }

    /// <summary>The text that is left.</summary>
    /// <param name="spec">The spec.</param>
    /// <param name="document">Its document.</param>
    /// <param name="text">Its text.</param>
    /// <param name="header">The newer header; what it doesn't define itself stays.</param>
    /// <param name="headers">Folder of the older headers.</param>
    public static string Of(AbiSpec spec, SpecDocument document, string text, HeaderContent header, string headers)
    {
        HashSet<string> names = [.. header.NumberNames, .. header.Records.Select(r => r.Name)];
        HeaderFact[] facts = [.. HeaderFacts.Of(spec, document).Where(f => names.Contains(CName(spec, f)))];
        IReadOnlyList<ulong?> values = new HeaderProbe("cc", headers).Values([.. spec.Headers], [.. facts.Select(f => f.Expression)]);
        OlderSpec older = new(spec, document.Path, text);
        older.Cut([.. facts.Where((_, i) => values[i] is null)]);
        foreach ((HeaderFact fact, ulong? value) in facts.Zip(values).Where(p => p.First.Place is ["structs", _] && p.Second is not null && p.Second != p.First.Expected)) older.Resize(fact, value!.Value);
        return older.Rest();
    }

    // A field's is that of its record.
    private static string CName(AbiSpec spec, HeaderFact fact) =>
        fact.Place is ["structs", { } name, ..] ? spec.Records.Where(r => r.Name == name).Select(r => r.CName ?? r.Name).First() : fact.CName;

    private void Cut(IReadOnlyList<HeaderFact> lacking)
    {
        HashSet<string> places = [.. lacking.Select(f => string.Join('/', f.Place))];
        foreach (HeaderFact fact in lacking) CutItem(fact.Place);
        HashSet<string> types = [];
        foreach (EnumType type in _spec.Enums.Where(e => e.Values.Count > 0 && e.Values.All(v => places.Contains($"enums/{e.Name}/values/{v.Name}"))))
        {
            CutItem(["enums", type.Name]);
            types.Add(type.Name);
        }

        HashSet<string> records = [.. _spec.Records.Where(r => places.Contains("structs/" + r.Name)).Select(r => r.Name)];

        // What is carried by a call has no number of its own in C; it is as old as its record.
        foreach (Call call in _spec.Calls.Where(c => c.Argument is { } argument && records.Contains(argument))) CutItem(["calls", call.Name]);
        foreach (RecordType record in _spec.Records.Where(r => !records.Contains(r.Name)))
        {
            foreach (Field field in record.Fields.Where(f => types.Contains(f.Type))) Retype(record, field);
        }
    }

    private void CutItem(IReadOnlyList<string> place)
    {
        if (_text.Find(place) is not { } node) return;
        int first = place is [.., "fields", _] ? node.Span.Line : KeyLine(place);
        for (int line = first; line <= _text.LastLine(node); line++) _cut.Add(line);
        if (place.Count == 2 && _lines[first - 2].Length == 0) _cut.Add(first - 1);
    }

    private int KeyLine(IReadOnlyList<string> place) => ((YamlMap)_text.Find(place.SkipLast(1))!).Entries.First(e => e.Key.Text == place[^1]).Key.Span.Line;

    private void Retype(RecordType record, Field field)
    {
        string underlying = _spec.Enums.First(e => e.Name == field.Type).Underlying;
        int line = _text.Find("structs", record.Name, "fields", field.Name)!.Span.Line;
        _lines[line - 1] = _lines[line - 1].Replace($"type: {field.Type},", $"type: {underlying},", StringComparison.Ordinal);
    }

    private void Resize(HeaderFact fact, ulong size)
    {
        int line = _text.Find([.. fact.Place, "size"])!.Span.Line;
        _lines[line - 1] = _lines[line - 1].Replace(fact.Expected.ToString(CultureInfo.InvariantCulture), size.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }

    private string Rest() => string.Join('\n', _lines.Where((_, i) => !_cut.Contains(i + 1)));
}
