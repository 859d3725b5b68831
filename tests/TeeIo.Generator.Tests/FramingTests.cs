using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;
using TeeIo.Abi;
using TeeIo.Abi.Model;

namespace TeeIo.Generator.Tests;

/// <summary>Whatever stands behind a key of a framing, the generator says what is wrong with it or makes something of it; it never throws.</summary>
public partial class FramingTests
{
    private const string Nowhere = "nowhere_to_be_found";

    private static readonly Dictionary<string, (SpecText Text, AbiSpec Spec)> _specs =
        Repository.Specs.Select(s => (Text: s, SpecReader.Read(s.Path, s.GetText().ToString()).Spec!)).ToDictionary(s => s.Item2.Name);

    private static readonly ConcurrentDictionary<string, GeneratorDriver> _drivers = new(StringComparer.Ordinal);
    private static readonly CSharpCompilation _compilation = GeneratorHarness.Compilation([]);

    public static TheoryData<string, string> Keys()
    {
        TheoryData<string, string> data = [];
        foreach (SpecText spec in Framed())
        {
            // Any name is one that a netlink family may have.
            foreach (Match entry in Entries(spec).Where(e => e.Groups["key"].Value != "family")) data.Add(spec.Path, entry.Groups["key"].Value);
        }

        return data;
    }

    [Fact]
    public void Every_framing_of_the_specs_is_tried()
    {
        string[] all = [.. Repository.Specs.Where(s => Text(s).Contains("\nframing:", StringComparison.Ordinal)).Select(s => s.Path)];
        Assert.Equal(all, Framed().Select(s => s.Path));
        Assert.True(Keys().Count >= 30);
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void A_wrong_name_in_a_framing_is_an_error_at_its_place(string path, string key)
    {
        (SpecText wrong, TextSpan place) = Replace(path, key, Nowhere);
        GeneratorRunResult result = RunWith(wrong);
        LinePosition start = wrong.GetText().Lines.GetLinePosition(place.Start);
        Assert.Contains(result.Diagnostics, d => d.Location.GetLineSpan() is { } at && at.Path == path && at.StartLinePosition == start);
        Assert.DoesNotContain(result.GeneratedSources, s => s.HintName.StartsWith(CSharpNames.Type(Spec(path).Name) + ".", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void A_name_of_something_else_in_a_framing_never_makes_the_generator_throw(string path, string key)
    {
        AbiSpec spec = Spec(path);
        string[] heads = [spec.Framing.Header ?? "", spec.Framing.ErrorRecord ?? ""];
        IEnumerable<string> names = key switch
        {
            "header" or "error" => spec.Records.Select(r => r.Name).Concat(spec.Enums.Take(1).Select(e => e.Name)),
            "code" or "version-field" or "error-field" => spec.Records.Where(r => heads.Contains(r.Name)).SelectMany(r => r.Fields).Select(f => f.Name),
            "status-enum" or "error-enum" => spec.Enums.Select(e => e.Name).Concat(spec.Records.Take(1).Select(r => r.Name)),
            "selector" or "status" => ["rax", "rcx", "r10"],
            "selector-bits" or "version-bits" => ["\"0\"", "\"23:0\"", "\"63:32\""],
            _ => ["0", "1", "EPERM"],
        };
        foreach (string name in names.Distinct())
        {
            (SpecText other, _) = Replace(path, key, name);
            GeneratorRunResult result = RunWith(other);
            Assert.True(result.Diagnostics.Length + result.GeneratedSources.Length > 0, name);
        }
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void A_framing_that_lacks_a_key_never_makes_the_generator_throw(string path, string key)
    {
        SpecText spec = Repository.Specs.Single(s => s.Path == path);
        string entry = Entries(spec).Single(e => e.Groups["key"].Value == key).Value;
        string framing = Framing(Text(spec)).Value;
        string rest = framing.Replace("\n  " + entry, "", StringComparison.Ordinal).Replace(entry + ", ", "", StringComparison.Ordinal).Replace(", " + entry, "", StringComparison.Ordinal).Replace(entry, "", StringComparison.Ordinal);
        RunWith(spec.Edit(framing, rest));
    }

    private static IEnumerable<SpecText> Framed() => Repository.Specs.Where(s => Entries(s).Count > 0);

    private static MatchCollection Entries(SpecText spec) => EntryPattern().Matches(Framing(Text(spec)).Value);

    private static Match Framing(string text) => FramingPattern().Match(text);

    private static string Text(SpecText spec) => spec.GetText().ToString();

    private static (SpecText Spec, TextSpan Place) Replace(string path, string key, string value)
    {
        SpecText spec = Repository.Specs.Single(s => s.Path == path);
        string text = Text(spec);
        Group old = Entries(spec).Single(e => e.Groups["key"].Value == key).Groups["value"];
        int at = Framing(text).Index + old.Index;
        return (new SpecText(path, text[..at] + value + text[(at + old.Length)..]), new TextSpan(at, value.Length));
    }

    /// <summary>What becomes of the specs when <paramref name="changed"/> takes the place of what its file said.</summary>
    private static GeneratorRunResult RunWith(SpecText changed)
    {
        GeneratorDriver before = _drivers.GetOrAdd(changed.Path, path => GeneratorHarness.Driver(Around(path)).RunGenerators(_compilation));
        SpecText original = Repository.Specs.Single(s => s.Path == changed.Path);
        return GeneratorHarness.Result(before.ReplaceAdditionalText(original, changed).RunGenerators(_compilation));
    }

    /// <summary>The spec with those that it uses, and the errnos.</summary>
    private static IEnumerable<SpecText> Around(string path)
    {
        List<string> names = ["errno", Spec(path).Name];
        for (int i = 0; i < names.Count; i++) names.AddRange(_specs[names[i]].Spec.Uses.Where(u => !names.Contains(u)));
        return names.Distinct().Select(n => _specs[n].Text);
    }

    private static AbiSpec Spec(string path) => _specs.Values.Single(s => s.Text.Path == path).Spec;

    /// <summary>On one line, or on one line for each key.</summary>
    [GeneratedRegex("^framing:(?: \\{.*$|(?:\\n  .*$)+)", RegexOptions.Multiline)]
    private static partial Regex FramingPattern();

    [GeneratedRegex("(?<=[{,] |^  )(?<key>[a-z-]+): (?<value>\\{[^}]*\\}|\\[[^\\]]*\\]|\"[^\"]*\"|[^,} \\n]+)", RegexOptions.Multiline)]
    private static partial Regex EntryPattern();
}
