using System.Numerics;
using TeeIo.Abi.Model;
using TeeIo.Abi.Tool.Headers;
using TeeIo.Abi.Yaml;

namespace TeeIo.Abi.Tool.Importing;

/// <summary>Adds numbers: to the enumeration that C has them in, else to the one whose prefix they share, else as constants.</summary>
internal sealed class EnumImport
{
    private readonly ImportScope _scope;
    private readonly Dictionary<string, (string Enum, string Value)> _homes;
    private readonly Dictionary<(string Enum, ulong Value), string> _taken = [];
    private readonly List<HeaderNumber> _numbers;

    public EnumImport(ImportScope scope)
    {
        _scope = scope;
        _homes = scope.Spec.Enums.SelectMany(e => e.Values.Select(v => (C: v.CName ?? e.Prefix + v.Name, Home: (e.Name, v.Name)))).DistinctBy(v => v.C).ToDictionary(v => v.C, v => v.Home);
        foreach (EnumType type in scope.Spec.Enums)
        {
            foreach (EnumValue value in type.Values.Where(v => v.Value is not null)) _taken.TryAdd((type.Name, value.Value!.Value), value.Name);
        }

        _numbers = [.. scope.Header.Macros.Concat(scope.Header.Enums.SelectMany(e => e.Values)).OrderBy(n => n.Line)];
    }

    public void Run()
    {
        foreach (HeaderEnum type in _scope.Header.Enums)
        {
            EnumType? home = _scope.Spec.Enums.FirstOrDefault(e => type.Tag is not null && e.CName == type.Tag)
                ?? _scope.Spec.Enums.FirstOrDefault(e => type.Values.Any(v => _homes.TryGetValue(v.Name, out (string Enum, string) at) && at.Enum == e.Name));

            // An enumeration lists all its values, even one that another spec names, too.
            HeaderNumber[] fresh = [.. type.Values.Where(v => home is null ? _scope.IsNewNumber(v.Name) : _scope.IsNewHere(v.Name))];
            if (home is not null) foreach (HeaderNumber value in fresh) Add(home, value, type.Values);
            else if (type.Tag is null) foreach (HeaderNumber value in fresh) AddLoose(value);
            else if (fresh.Length > 0) AddEnum(type.Tag, type.Values);
        }

        foreach (HeaderNumber macro in _scope.Header.Macros.Where(m => _scope.IsNewHere(m.Name))) AddLoose(macro);
    }

    private void AddLoose(HeaderNumber number)
    {
        // Of several with one prefix, the one whose value stands nearest before.
        EnumType? home = _scope.Spec.Enums.Where(e => Fits(e, number)).OrderByDescending(e => e.Prefix.Length).ThenBy(e => Distance(e, number)).FirstOrDefault();
        if (home is not null) Add(home, number, _numbers);
        else if (_scope.IsNewNumber(number.Name)) AddConstant(number);
    }

    // An enumeration of which the header has nothing comes from elsewhere.
    private bool Fits(EnumType type, HeaderNumber number) =>
        type.Prefix.Length > 0 && number.Name.Length > type.Prefix.Length && number.Name.StartsWith(type.Prefix, StringComparison.Ordinal) && ScalarTypes.Fits(type.Underlying, number.Value)
        && _numbers.Exists(n => _homes.TryGetValue(n.Name, out (string Enum, string) at) && at.Enum == type.Name);

    private int Distance(EnumType type, HeaderNumber number) =>
        _numbers.Where(n => n.Line < number.Line && _homes.TryGetValue(n.Name, out (string Enum, string) at) && at.Enum == type.Name).Select(n => number.Line - n.Line).DefaultIfEmpty(int.MaxValue).Min();

    private void Add(EnumType home, HeaderNumber number, IReadOnlyList<HeaderNumber> order)
    {
        string[] place = ["enums", home.Name, "values"];
        if (_scope.Text.Find(place) is not YamlMap { Entries.Count: > 0 } values)
        {
            _scope.ByHand(number.Name, number.Line, $"the values of '{home.Name}' can't be added to");
            return;
        }

        string? before = order.Where(n => n.Line < number.Line || (n.Line == number.Line && n.Value < number.Value))
            .Select(n => _homes.GetValueOrDefault(n.Name)).LastOrDefault(h => h.Enum == home.Name && _scope.Text.Find([.. place, h.Value]) is not null).Value;
        YamlEntry neighbour = values.Entries.FirstOrDefault(e => e.Key.Text == before) ?? values.Entries[^1];
        string name = Name(home.Prefix, number.Name);
        string model = (neighbour.Value as YamlMap)?.Entries.FirstOrDefault(e => e.Key.Text == "value")?.Value is YamlScalar scalar ? scalar.Text : "0";
        string entry = $"{{ value: {Value(home.IsFlags, model, number.Value)}{CName(home.Prefix, name, number.Name)}{Alias(home, name, number.Value)}, doc: TODO{_scope.SinceEntry} }}";
        if (_scope.Text.IsFlow(values))
        {
            _scope.Text.InsertAtEnd(values, $", {name}: {entry}");
        }
        else
        {
            int column = neighbour.Value.Span.Line == neighbour.Key.Span.Line ? neighbour.Value.Span.Column : 0;
            string key = new string(' ', neighbour.Key.Span.Column - 1) + name + ":";
            _scope.Text.InsertBelow(_scope.Text.LastLine(neighbour.Value), key.PadRight(Math.Max(key.Length + 1, column - 1)) + entry);
        }

        _scope.Added(number.Name, number.Line, $"{home.Name}: {Hex.Of(number.Value)}");
    }

    private string Alias(EnumType home, string name, ulong value) =>
        home.IsFlags || _taken.TryAdd((home.Name, value), name) ? "" : $", alias: {_taken[(home.Name, value)]}";

    private void AddEnum(string tag, IReadOnlyList<HeaderNumber> values)
    {
        string prefix = Prefix(tag, values);
        bool isFlags = values.All(v => BitOperations.IsPow2(v.Value)) && values.DistinctBy(v => v.Value).Count() == values.Count && (values.Count > 2 || tag.Contains("flag", StringComparison.Ordinal));
        bool isWide = values.Any(v => !ScalarTypes.Fits("u32", v.Value));
        string name = SpecName(tag);
        string[] names = [.. values.Select(v => Name(prefix, v.Name))];
        int width = names.Max(n => n.Length) + 2;
        Dictionary<ulong, string> first = [];
        List<string> lines = [$"  {name}:", $"    c: {tag}"];
        if (isWide) lines.Add("    type: u64");
        if (isFlags) lines.Add("    flags: true");
        if (prefix.Length > 0) lines.Add($"    prefix: {prefix}");
        lines.AddRange([$"    doc: TODO{_scope.SinceLine("    ")}", "    values:"]);
        foreach ((HeaderNumber value, string own) in values.Zip(names))
        {
            string alias = isFlags || first.TryAdd(value.Value, own) ? "" : $", alias: {first[value.Value]}";
            lines.Add($"      {(own + ":").PadRight(width)}{{ value: {Value(isFlags, "0", value.Value)}{CName(prefix, own, value.Name)}{alias}, doc: TODO }}");
        }

        IEnumerable<(string, int)> places = _numbers.Where(n => _homes.ContainsKey(n.Name)).Select(n => (_homes[n.Name].Enum, n.Line));
        _scope.AddItem("enums", values[0].Line, places, string.Join('\n', lines));
        _scope.Added("enum " + tag, values[0].Line, $"{name}: {values.Count} values");
    }

    private void AddConstant(HeaderNumber number)
    {
        IEnumerable<(string, int)> places = _numbers.Select(n => (_scope.Spec.Constants.FirstOrDefault(c => (c.CName ?? c.Name) == n.Name)?.Name ?? "", n.Line));
        string model = number.Value <= byte.MaxValue || number.Value > long.MaxValue ? "0" : "0x0";
        _scope.AddItem("constants", number.Line, places, $"  {number.Name}: {{ value: {NumberText.Like(model, number.Value)}, doc: TODO{_scope.SinceEntry} }}");
        _scope.Added(number.Name, number.Line, $"constant: {Hex.Of(number.Value)}");
    }

    private static string Value(bool isFlags, string model, ulong value) => isFlags && BitOperations.IsPow2(value) ? NumberText.Bit(value) : NumberText.Like(model.Contains("<<", StringComparison.Ordinal) ? "0x0" : model, value);

    private static string CName(string prefix, string name, string cName) => prefix + name == cName ? "" : $", c: {cName}";

    // No name in C# begins with a digit.
    private static string Name(string prefix, string cName)
    {
        string rest = cName.StartsWith(prefix, StringComparison.Ordinal) ? cName[prefix.Length..] : cName;
        return char.IsAsciiDigit(rest[0]) ? "VALUE_" + rest : rest;
    }

    // What all values begin with, in whole words. Of a single value it is what the tag begins with as well, if that says more than the interface's name, else all but its last word.
    private static string Prefix(string tag, IReadOnlyList<HeaderNumber> values)
    {
        if (values.Count > 1) return Common(values.Select(v => v.Name));
        string ofTag = Common([values[0].Name, tag.ToUpperInvariant()]);
        return ofTag.Count(c => c == '_') > 2 ? ofTag : Common([values[0].Name, values[0].Name[..^1]]);
    }

    private static string Common(IEnumerable<string> names)
    {
        string common = names.Aggregate((a, b) => a[..a.Zip(b).TakeWhile(p => p.First == p.Second).Count()]);
        return common[..(common.LastIndexOf('_') + 1)];
    }

    /// <summary>The name of something with a tag: without the words that all names of the interface begin with, and with dashes.</summary>
    private string SpecName(string tag)
    {
        string[] stems = [_scope.Spec.Name + "_", CommonStem()];
        string stem = stems.Where(s => s.Length > 1 && tag.StartsWith(s, StringComparison.Ordinal)).MaxBy(s => s.Length) ?? "";
        string name = tag[stem.Length..].Replace('_', '-');
        return _scope.Visible.SelectMany(s => s.Enums.Select(e => e.Name).Concat(s.Ids.Select(i => i.Name))).Contains(name) ? tag.Replace('_', '-') : name;
    }

    private string CommonStem() => (_scope.Text.Find("call-prefix") as YamlScalar)?.Text.ToLowerInvariant() ?? "";
}
