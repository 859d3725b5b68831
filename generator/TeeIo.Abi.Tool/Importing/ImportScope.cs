using System.Globalization;
using TeeIo.Abi.Model;
using TeeIo.Abi.Tool.Checking;
using TeeIo.Abi.Tool.Headers;

namespace TeeIo.Abi.Tool.Importing;

/// <summary>What one import works on.</summary>
internal sealed class ImportScope
{
    private readonly HashSet<string> _own;
    private readonly HashSet<string> _numbers;
    private readonly HashSet<string> _records;
    private readonly Func<string, bool> _isOldNumber;
    private readonly Func<string, bool> _isOldUnion;

    /// <param name="folder">All specs; a name that another one for the same header has isn't new.</param>
    /// <param name="spec">The spec.</param>
    /// <param name="text">Its text.</param>
    /// <param name="header">The header.</param>
    /// <param name="beyond">An older header; what it has isn't new. Null where all counts.</param>
    /// <param name="since">The version that brought what is new; null where nobody says.</param>
    public ImportScope(SpecFolder folder, AbiSpec spec, SpecText text, HeaderContent header, HeaderContent? beyond, string? since)
    {
        (Spec, Text, Header, Since, Set) = (spec, text, header, since, folder.Set);
        AbiSpec[] same = [.. folder.Set.Specs.Where(s => s.Headers.Any(h => h == header.File.Include))];
        _own = [.. Numbers(spec)];
        _numbers = [.. same.SelectMany(Numbers)];
        _records = [.. same.SelectMany(s => s.Records).Select(r => r.CName ?? r.Name)];
        HashSet<string> old = [.. beyond?.NumberNames ?? []];
        Old = beyond?.Records.DistinctBy(r => r.Name).ToDictionary(r => r.Name, StringComparer.Ordinal) ?? [];
        IsSelective = beyond is not null;
        _isOldNumber = old.Contains;
        _isOldUnion = tag => beyond?.Unions.Any(u => u.Name == tag) == true;
    }

    /// <summary>All specs.</summary>
    public AbiSet Set { get; }

    /// <summary>The spec.</summary>
    public AbiSpec Spec { get; }

    /// <summary>Its text.</summary>
    public SpecText Text { get; }

    /// <summary>The header.</summary>
    public HeaderContent Header { get; }

    /// <summary>Whether only what an older header lacks is new.</summary>
    public bool IsSelective { get; }

    /// <summary>The version that brought what is new; null where nobody says.</summary>
    public string? Since { get; }

    /// <summary>The records of the older header.</summary>
    public IReadOnlyDictionary<string, HeaderRecord> Old { get; }

    /// <summary>What was done and what is left.</summary>
    public List<ImportFinding> Findings { get; } = [];

    /// <summary>Whether no spec for the header has a number of this name.</summary>
    public bool IsNewNumber(string name) => !_numbers.Contains(name) && !_isOldNumber(name);

    /// <summary>Whether this spec has no number of this name; another may.</summary>
    public bool IsNewHere(string name) => !_own.Contains(name) && !_isOldNumber(name);

    /// <summary>Whether no spec for the header has a record of this name.</summary>
    public bool IsNewRecord(string name) => !HasRecord(name) && !Old.ContainsKey(name);

    /// <summary>Whether nobody has written a union with this tag as a record, nor was it there before.</summary>
    public bool IsNewUnion(string tag) => !_isOldUnion(tag) && !Visible.SelectMany(s => s.Records).Any(r => r.Name == tag);

    /// <summary>Whether a spec for the header has a record of this name.</summary>
    public bool HasRecord(string name) => _records.Contains(name);

    /// <summary>The name of the record that is called <paramref name="tag"/> in C, in this spec or one that it uses; null where there is none.</summary>
    public string? RecordNamed(string tag) => Visible.SelectMany(s => s.Records).FirstOrDefault(r => (r.CName ?? r.Name) == tag)?.Name;

    /// <summary>This spec and those that it uses.</summary>
    public IEnumerable<AbiSpec> Visible => Set.Specs.Where(s => s.Name == Spec.Name || Spec.Uses.Contains(s.Name));

    /// <summary>Notes what was added, and its line in the header.</summary>
    public void Added(string item, int line, string text) => Note(ImportKind.Added, item, line, text);

    /// <summary>Notes what is left to do, and the line of what it is about.</summary>
    public void ByHand(string item, int line, string text) => Note(ImportKind.ByHand, item, line, text);

    /// <summary>Notes something about a line of the header.</summary>
    public void Note(ImportKind kind, string item, int line, string text) =>
        Findings.Add(new ImportFinding(kind, item, string.Create(CultureInfo.InvariantCulture, $"{Header.File.Include}:{line}"), text));

    /// <summary>Notes something about what the spec has.</summary>
    public void Note(ImportKind kind, HeaderFact fact, string text) =>
        Findings.Add(new ImportFinding(kind, fact.CName, string.Create(CultureInfo.InvariantCulture, $"{fact.Path}:{fact.Line}"), text));

    /// <summary>The line that says since when something is there; empty where nobody says.</summary>
    public string SinceLine(string indent) => Since is null ? "" : $"\n{indent}since: {Quoted}";

    /// <summary>The same within brackets.</summary>
    public string SinceEntry => Since is null ? "" : $", since: {Quoted}";

    // YAML would take a bare version for a number.
    private string Quoted => Since!.All(c => char.IsAsciiDigit(c) || c == '.') ? $"\"{Since}\"" : Since!;

    /// <summary>Adds an item to a section: below the one that stands nearest before it in the header, else at the section's end.</summary>
    /// <param name="section">The section.</param>
    /// <param name="line">Line of the item in the header.</param>
    /// <param name="places">The section's items that the header has, with their lines in it.</param>
    /// <param name="text">The item; items of several lines have empty lines between them.</param>
    public void AddItem(string section, int line, IEnumerable<(string Name, int Line)> places, string text)
    {
        string? below = places.Where(p => p.Line < line && Text.Find(section, p.Name) is not null).OrderBy(p => p.Line).Select(p => p.Name).LastOrDefault() ?? Text.Names(section).LastOrDefault();
        if (below is null) Text.Begin(section, text);
        else Text.InsertBelow(Text.LastLine(Text.Find(section, below)!), text.Contains('\n', StringComparison.Ordinal) ? "\n" + text : text);
    }

    private static IEnumerable<string> Numbers(AbiSpec spec) =>
    [
        .. spec.Constants.Select(c => c.CName ?? c.Name),
        .. spec.Enums.SelectMany(e => e.Values.Select(v => v.CName ?? e.Prefix + v.Name)),
        .. spec.Calls.Where(c => c.Request is not null).Select(c => c.CName ?? c.Name),
    ];
}
