using System.Globalization;
using System.Text.RegularExpressions;
using Scriban.Runtime;
using TeeIo.Abi.Model;

namespace TeeIo.Abi.Tool.Emitting;

/// <summary>The calls of an ioctl spec as descriptions for the kernel fuzzer syzkaller.</summary>
internal sealed partial class SyzlangDescription
{
    private readonly AbiSet _set;
    private readonly AbiSpec _spec;
    private readonly SyzlangNames _names;
    private readonly SyzlangFiles _files;
    private readonly SyzlangConstants _constants;
    private readonly SyzlangTypes _types;

    /// <summary>Describes <paramref name="spec"/>, with <paramref name="prefix"/> before each name.</summary>
    /// <exception cref="ToolException">Its calls are no system calls.</exception>
    public SyzlangDescription(AbiSet set, AbiSpec spec, string prefix)
    {
        if (spec.Kind != AbiKind.Ioctl) throw new ToolException($"'{spec.Name}' is no spec of ioctls; syzlang describes system calls only, so name one with 'kind: ioctl'");
        if (!CanEmit(spec)) throw new ToolException($"'{spec.Name}' has no ioctl whose number is known, so there is nothing to describe; name another spec");
        (_set, _spec, _names, _constants) = (set, spec, new SyzlangNames(spec, prefix), new SyzlangConstants(spec));
        _files = new SyzlangFiles(set, spec, _names);
        _types = new SyzlangTypes(set, spec, _names, _files, _constants);
        ScriptObject[] calls = [.. spec.Calls.Where(c => CarrierOf(c).Request is not null).Select(Describe)];
        Text = Template.Render("syzlang", new ScriptObject
        {
            ["doc"] = Comment(spec.Provenance.Doc),
            ["source"] = Comment("Source: " + spec.Provenance.Source + "."),
            ["name"] = spec.Name,
            ["needs"] = _files.Needs.Union(_types.Needs).Union(Makers()).Order(StringComparer.Ordinal).ToArray(),
            ["architectures"] = string.Join(", ", SyzlangConstants.Architectures.Select(a => $"\"{a}\"")),
            ["includes"] = _constants.Includes.ToArray(),
            ["defines"] = _constants.Defines.ToArray(),
            ["resources"] = _files.Resources.Concat(_types.Resources).ToArray(),
            ["opens"] = _files.Opens,
            ["calls"] = calls,
            ["records"] = _types.Blocks.Select(b => b.Model).ToArray(),
            ["sets"] = _types.Sets,
        }).TrimEnd() + "\n";
    }

    /// <summary>Whether <paramref name="spec"/> has ioctls to describe.</summary>
    public static bool CanEmit(AbiSpec spec) => spec.Kind == AbiKind.Ioctl && spec.Calls.Any(c => c.Request is not null);

    /// <summary>Name of the description's file; its constants' has <c>.const</c> behind it.</summary>
    public static string FileName(AbiSpec spec) => spec.Name + ".txt";

    /// <summary>Its text.</summary>
    public string Text { get; }

    /// <summary>The values of the constants that it names.</summary>
    public string Constants => _constants.Text;

    /// <summary>One line of comment, which must not look like a directive.</summary>
    public static string Comment(string text)
    {
        text = text.ReplaceLineEndings(" ").Trim();
        return "# " + (Directive().IsMatch(text) ? char.ToUpperInvariant(text[0]) + text[1..] : text);
    }

    private ScriptObject Describe(Call call)
    {
        Call carrier = CarrierOf(call);
        string command = _constants.Name(_spec, carrier.Name, carrier.CName, carrier.Provenance, carrier.Request!.Value);
        return new ScriptObject
        {
            ["doc"] = Comment(call.Provenance.Doc),
            ["name"] = _names.Call(call.Name),
            ["arguments"] = $"fd {_files.Target(call)}, cmd const[{command}]{(call == carrier ? Argument(call) : SubArgument(call, carrier))}",
            ["returns"] = _files.Returned(call),
        };
    }

    private string Argument(Call call)
    {
        if (call.Argument is { } name)
        {
            RecordType record = _types.Find(name);
            string direction = call.Access == "rw" && !_types.ComesBack(record) ? "inout" : _types.Direction(record);
            return $", arg ptr[{direction}, {_types.Record(name)}]";
        }

        // A size in the number without a record means an address, and not always of so many bytes: KVM_MEMORY_ENCRYPT_OP.
        if (call.ScalarSize > 0) return $", arg ptr[{(call.Access == "w" ? "in" : "inout")}, array[int8]]";
        return call.Inputs.Count > 0 ? $", arg {_types.Value(call.Inputs[0].Type, isArgument: true)}" : "";
    }

    // The record that selects the call, with what selects it fixed, and the call's own after it or pointed to.
    private string SubArgument(Call call, Call carrier)
    {
        RecordType record = _types.Find(carrier.Argument!);
        Dictionary<string, string> replaced = [];
        foreach (string selected in call.Select)
        {
            string[] parts = selected.Split('=');
            int size = record.Fields.First(f => f.Name == parts[0]).Size;
            replaced[parts[0]] = $"const[{SyzlangNames.Number(ulong.Parse(parts[1], CultureInfo.InvariantCulture))}, int{8 * size}]";
        }

        SyzlangField? tail = null;
        if (call.Argument is { } name)
        {
            RecordType own = _types.Find(name);
            string direction = _types.Direction(own);
            if (call.Via is { } via) replaced[via] = $"ptr64[{direction}, {_types.Record(name)}]";
            else tail = new SyzlangField("data", _types.Record(name), direction == "out" ? "(out)" : "");
        }
        else if (call.Inputs.Count > 0)
        {
            string value = _types.Value(call.Inputs[0].Type, isArgument: false);
            if (call.Via is { } via) replaced[via] = $"ptr64[in, {value}]";
            else tail = new SyzlangField("data", value);
        }

        string type = $"{_names.Record(_spec, record)}${SymbolName.Identifier(call.Name)}";
        _types.Struct(type, record, replaced, tail);
        return $", arg ptr[in, {type}]";
    }

    /// <summary>The files whose calls make ids that this spec's calls only take; syzkaller refuses what nobody makes.</summary>
    private IEnumerable<string> Makers()
    {
        foreach (IdType id in _spec.Ids.Where(i => i.AnyOf.Count == 0 && !Makes(_spec, i)))
        {
            if (_set.Specs.FirstOrDefault(s => s.Uses.Contains(_spec.Name) && CanEmit(s) && Makes(s, id)) is { } maker) yield return FileName(maker);
        }

        static bool Makes(AbiSpec spec, IdType id) =>
            spec.Records.Any(r => spec.Calls.Any(c => c.Argument == r.Name) && r.Fields.Any(f => f.Type == id.Name && f.Direction != Direction.In));
    }

    private Call CarrierOf(Call call) => call.SubCallOf is { } name ? _spec.Calls.FirstOrDefault(c => c.Name == name) ?? call : call;

    [GeneratedRegex("^(include|incdir|define)")]
    private static partial Regex Directive();
}
