using System.Globalization;
using System.Text.RegularExpressions;

namespace TeeIo.Abi.Tool.Tests.Syzlang;

/// <summary>Reads syzkaller's descriptions line by line, as far as ours go: no templates, conditions, bit fields or strings as values. Whatever it doesn't know is an error.</summary>
internal sealed partial class SyzReader
{
    private const int TabWidth = 8;
    private readonly SyzFile _file;
    private SyzStruct? _open;
    private List<SyzField> _fields = [];
    private List<int> _columns = [];
    private int _line;

    private SyzReader(string name) => _file = new SyzFile(name);

    /// <summary>Reads a description and its constants.</summary>
    /// <exception cref="FormatException">It isn't one; the message says where and why.</exception>
    public static SyzFile Read(string name, string text, string constants)
    {
        SyzReader reader = new(name);
        if (!text.EndsWith('\n') || text.EndsWith("\n\n", StringComparison.Ordinal)) throw new FormatException($"{name}: it doesn't end with one end of line");
        foreach (string line in text[..^1].Split('\n')) reader.Take(line);
        if (reader._open is { } open) throw reader.Wrong($"{open.Name} isn't closed");
        reader.TakeConstants(constants);
        return reader._file;
    }

    private FormatException Wrong(string what) => new($"{_file.Name}:{_line}: {what}");

    private void Take(string line)
    {
        _line++;
        if (line.Length > 0 && char.IsWhiteSpace(line[^1])) throw Wrong("white space at the end");
        if (_open is not null) TakeField(line);
        else if (line.StartsWith('#')) TakeComment(line);
        else if (line.Length > 0) TakeDeclaration(line);
    }

    private void TakeComment(string line)
    {
        string text = line[1..].Trim();
        if (text.StartsWith("include", StringComparison.Ordinal) || text.StartsWith("incdir", StringComparison.Ordinal) || text.StartsWith("define", StringComparison.Ordinal)) throw Wrong("a comment that looks like a directive");
        _file.Comments.Add(text);
    }

    private void TakeDeclaration(string line)
    {
        if (Meta().Match(line) is { Success: true } meta) _file.Architectures.AddRange(meta.Groups[1].Value.Split(", ").Select(a => a.Trim('"')));
        else if (Include().Match(line) is { Success: true } include) _file.Includes.Add(include.Groups[1].Value);
        else if (Define().Match(line) is { Success: true } define) _file.Defines.Add(new(define.Groups[1].Value, [define.Groups[2].Value], _line));
        else if (Resource().Match(line) is { Success: true } resource) _file.Resources.Add(new(resource.Groups[1].Value, [resource.Groups[2].Value], _line));
        else if (Open().Match(line) is { Success: true } open) Begin(open.Groups[1].Value, open.Groups[2].Value == "[");
        else if (Set().Match(line) is { Success: true } set) _file.Sets.Add(new(set.Groups[1].Value, set.Groups[2].Value.Split(", "), _line));
        else if (Call().Match(line) is { Success: true } call) TakeCall(call);
        else throw Wrong("no declaration");
    }

    private void TakeCall(Match call)
    {
        List<SyzField> arguments = [];
        foreach (string argument in SyzTypeReader.Split(call.Groups[2].Value))
        {
            string[] parts = argument.Trim().Split(' ', 2);
            if (parts.Length != 2 || !Name().IsMatch(parts[0])) throw Wrong($"'{argument}' is no argument");
            arguments.Add(new(parts[0], Type(parts[1]), "", _line));
        }

        _file.Calls.Add(new(call.Groups[1].Value, arguments, call.Groups[3].Success ? Type(call.Groups[3].Value) : null, _line));
    }

    private void Begin(string name, bool isUnion) => (_open, _fields, _columns) = (new(name, isUnion, false, [], _line), [], []);

    private void TakeField(string line)
    {
        SyzStruct open = _open!;
        if (line is "}" or "} [packed]" or "]")
        {
            if (open.IsUnion != (line == "]")) throw Wrong($"{open.Name} is closed by the other kind's sign");
            if (_fields.Count == 0) throw Wrong($"{open.Name} has no fields");
            if (_columns.Distinct().Count() > 1) throw Wrong($"the types of {open.Name} don't stand in one column");
            _file.Structs.Add(open with { IsPacked = line.EndsWith("[packed]", StringComparison.Ordinal), Fields = _fields });
            _open = null;
            return;
        }

        if (Field().Match(line) is not { Success: true } field) throw Wrong("no field");
        _fields.Add(new(field.Groups[1].Value, Type(field.Groups[3].Value), field.Groups[4].Value, _line));
        _columns.Add((field.Groups[1].Length / TabWidth) + field.Groups[2].Length);
    }

    private SyzType Type(string text) => SyzTypeReader.Read(text) ?? throw Wrong($"'{text}' is no type");

    private void TakeConstants(string text)
    {
        string[] lines = text.TrimEnd('\n').Split('\n');
        if (lines.Length < 2 || lines[1] != $"arches = {string.Join(", ", _file.Architectures)}") throw new FormatException($"{_file.Name}.const:2: not the architectures of the description");
        for (int i = 2; i < lines.Length; i++)
        {
            if (Constant().Match(lines[i]) is not { Success: true } constant || !ulong.TryParse(constant.Groups[2].Value, CultureInfo.InvariantCulture, out ulong value)) throw new FormatException($"{_file.Name}.const:{i + 1}: no constant");
            if (!_file.Constants.TryAdd(constant.Groups[1].Value, value)) throw new FormatException($"{_file.Name}.const:{i + 1}: {constant.Groups[1].Value} is there twice");
        }
    }

    [GeneratedRegex("^meta arches\\[(\"[a-z0-9]+\"(?:, \"[a-z0-9]+\")*)\\]$")]
    private static partial Regex Meta();

    [GeneratedRegex("^include <([a-z0-9_/]+\\.h)>$")]
    private static partial Regex Include();

    [GeneratedRegex("^define ([A-Z_][A-Za-z0-9_]*)\t([0-9]+|0x[0-9a-f]+)$")]
    private static partial Regex Define();

    [GeneratedRegex(@"^resource ([a-z_][a-z0-9_]*)\[([a-z_][a-z0-9_]*)\]$")]
    private static partial Regex Resource();

    [GeneratedRegex(@"^([a-z_][a-z0-9_]*(?:\$[A-Za-z0-9_]+)?) ([{\[])$")]
    private static partial Regex Open();

    [GeneratedRegex("^([a-z_][a-z0-9_]*) = ([A-Z_][A-Za-z0-9_]*(?:, [A-Z_][A-Za-z0-9_]*)*)$")]
    private static partial Regex Set();

    [GeneratedRegex(@"^([a-z_][a-z0-9_]*\$[A-Za-z0-9_]+)\((.*)\)(?: ([a-z_][a-z0-9_]*))?$")]
    private static partial Regex Call();

    [GeneratedRegex(@"^\t([A-Za-z_][A-Za-z0-9_]*)(\t+)([^\t]+?)(?:\t\((in|out|inout)\))?$")]
    private static partial Regex Field();

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]*$")]
    private static partial Regex Name();

    [GeneratedRegex("^([A-Z_][A-Za-z0-9_]*) = ([0-9]+)$")]
    private static partial Regex Constant();
}
