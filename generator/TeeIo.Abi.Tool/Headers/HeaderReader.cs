using System.Collections.Concurrent;
using System.Globalization;
using System.Text.RegularExpressions;
using TeeIo.Abi.Model;

namespace TeeIo.Abi.Tool.Headers;

/// <summary>Reads a C header: clang says what it declares, the C compiler with which numbers.</summary>
/// <param name="clang">Clang.</param>
/// <param name="compiler">The C compiler.</param>
internal sealed partial class HeaderReader(string clang, string compiler)
{
    private const int BitsOfAByte = 8;
    private readonly ConcurrentDictionary<HeaderFile, HeaderContent> _contents = new();

    /// <summary>What <paramref name="file"/> defines. It is read once, however often it is asked for.</summary>
    /// <exception cref="ToolException">It can't be read, or a compiler isn't there.</exception>
    public HeaderContent Read(HeaderFile file) => _contents.GetOrAdd(file, Compile);

    private HeaderContent Compile(HeaderFile file)
    {
        using TemporaryFolder folder = new();
        string program = folder.Write("header.c", $"#include <stddef.h>\n#include <linux/types.h>\n#include <{file.Include}>\n");
        string[] flags = ["-w", "-isystem", file.Root, "-x", "c"];
        HeaderDeclarations declared = new(Clang.Declarations(clang, program, flags), file.Path);
        IReadOnlyList<(string Name, string Body, int Line)> macros = MacroDump.Read(Clang.Preprocessed(clang, program, flags), file.Path);
        return Content(file, declared, macros, Values(file, declared, macros), Documented(File.ReadAllText(file.Path)));
    }

    private Dictionary<string, ulong> Values(HeaderFile file, HeaderDeclarations declared, IReadOnlyList<(string Name, string Body, int Line)> macros)
    {
        string[] expressions =
        [
            .. macros.Where(m => m.Body.Length > 0).Select(m => CExpression.Integer(m.Name)),
            .. declared.Enums.SelectMany(Constants).Select(c => c.Name!),
            .. declared.Records.Select(r => CExpression.SizeOf(r.Name)),
            .. declared.Records.SelectMany(r => r.Members.SelectMany(m => MemberExpressions(r.Name, m.Path, m.Node))),
        ];
        IReadOnlyList<ulong?> values = new HeaderProbe(compiler, file.Root).Values([file.Include], expressions);
        return expressions.Zip(values).Where(p => p.Second is not null).DistinctBy(p => p.First).ToDictionary(p => p.First, p => p.Second!.Value);
    }

    private static HeaderContent Content(
        HeaderFile file, HeaderDeclarations declared, IReadOnlyList<(string Name, string Body, int Line)> macros, Dictionary<string, ulong> values, Dictionary<string, string> documented)
    {
        // What a request number is made of (type, base, command) is no fact of its own.
        HashSet<string> parts = [.. macros.Select(m => Request().Match(m.Body)).Where(m => m.Success).SelectMany(m => Word().Matches(m.Value)).Select(w => w.Value)];
        HashSet<string> enumerators = [.. declared.Enums.SelectMany(Constants).Select(c => c.Name!)];
        List<HeaderNumber> numbers = [];
        List<HeaderCall> calls = [];
        foreach ((string name, string body, int line) in macros.Where(m => !parts.Contains(m.Name) && !enumerators.Contains(m.Name)))
        {
            if (!values.TryGetValue(CExpression.Integer(name), out ulong value)) continue;
            if (Request().Match(body) is { Success: true } request) calls.Add(new HeaderCall(name, (uint)value, Argument(request) ?? documented.GetValueOrDefault(name), line));
            else numbers.Add(new HeaderNumber(name, value, line));
        }

        HeaderEnum[] enums =
        [
            .. declared.Enums.Where(e => !Constants(e).Any(c => parts.Contains(c.Name!)))
                .Select(e => new HeaderEnum(e.Name, [.. Constants(e).Where(c => values.ContainsKey(c.Name!)).Select(c => new HeaderNumber(c.Name!, values[c.Name!], c.Line))])),
        ];
        HeaderRecord[] records = [.. declared.Records.Where(r => values.ContainsKey(CExpression.SizeOf(r.Name))).OrderBy(r => r.Line).Select(r => Record(r, values))];
        return new HeaderContent(file, numbers, enums, records, [.. declared.Unions.Select(u => new HeaderUnion(u.Name!, u.Line))], calls);
    }

    private static IEnumerable<string> MemberExpressions(string record, string path, ClangNode node) => node.IsBitField
        ? [CExpression.BitOffsetOf(record, path), CExpression.BitWidthOf(record, path), CExpression.SizeOfType(node.Type)]
        : [CExpression.OffsetOf(record, path), CExpression.SizeOf(record, path)];

    private static HeaderRecord Record(DeclaredRecord record, Dictionary<string, ulong> values)
    {
        List<HeaderMember> members = [];
        foreach ((string path, ClangNode node) in record.Members)
        {
            if (node.IsBitField)
            {
                if (Bits(record.Name, path, node, values) is { } bits) members.Add(bits);
                continue;
            }

            if (!values.TryGetValue(CExpression.OffsetOf(record.Name, path), out ulong offset)) continue;
            int size = (int)values.GetValueOrDefault(CExpression.SizeOf(record.Name, path));
            string meaning = node.Meaning;
            int count = size == 0 ? 0 : Bound().Matches(meaning).Aggregate(1, (n, bound) => n * int.Parse(bound.Groups[1].ValueSpan, CultureInfo.InvariantCulture));
            members.Add(new HeaderMember(path, meaning.Split('[')[0].Trim(), (int)offset, size, count, node.Line));
        }

        return new HeaderRecord(record.Name, (int)values[CExpression.SizeOf(record.Name)], record.IsPacked, members, record.Line);
    }

    // C places it in a scalar of its own type, aligned to that; in a packed record it may go on behind that one.
    private static HeaderMember? Bits(string record, string path, ClangNode node, Dictionary<string, ulong> values)
    {
        if (!values.TryGetValue(CExpression.BitOffsetOf(record, path), out ulong first) || !values.TryGetValue(CExpression.SizeOfType(node.Type), out ulong size)) return null;
        int low = (int)(first % (size * BitsOfAByte));
        BitRange bits = new(low + (int)values[CExpression.BitWidthOf(record, path)] - 1, low);
        return new HeaderMember(path, node.Meaning, ((int)first - low) / BitsOfAByte, (int)size, 1, node.Line, bits);
    }

    private static IEnumerable<ClangNode> Constants(ClangNode node) => node.Children.Where(c => c is { Kind: "EnumConstantDecl", Name: not null });

    // The macros without a type name none; the last argument of the others is it.
    private static string? Argument(Match request) =>
        request.Groups[1].Length == 0 ? null : request.Groups[2].Value.Split(',')[^1].Trim();

    // Numbers that don't tell the argument's type often stand below a comment that does.
    private static Dictionary<string, string> Documented(string text) => ByStruct().Matches(text).Concat(ByCall().Matches(text))
        .Select(m => (Call: m.Groups["call"].Value, Type: "struct " + m.Groups["tag"].Value)).DistinctBy(d => d.Call).ToDictionary(d => d.Call, d => d.Type, StringComparer.Ordinal);

    [GeneratedRegex(@"\* struct (?<tag>\w+) - ioctl\((?<call>\w+)\)")]
    private static partial Regex ByStruct();

    [GeneratedRegex(@"\* (?<call>\w+) - _IO\w*\([^()]*\bstruct (?<tag>\w+)\)")]
    private static partial Regex ByCall();

    [GeneratedRegex(@"^\(?\s*_IO(R|W|WR|RW|)\s*\((.*)\)\s*\)?$")]
    private static partial Regex Request();

    [GeneratedRegex(@"\b[A-Za-z_]\w*\b")]
    private static partial Regex Word();

    [GeneratedRegex(@"\[(\d+)\]")]
    private static partial Regex Bound();
}
