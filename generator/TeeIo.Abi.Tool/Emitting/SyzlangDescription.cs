using Scriban.Runtime;
using TeeIo.Abi.Model;

namespace TeeIo.Abi.Tool.Emitting;

/// <summary>The calls of an ioctl spec as descriptions for the kernel fuzzer syzkaller.</summary>
internal sealed class SyzlangDescription
{
    private readonly AbiSet _set;
    private readonly AbiSpec _spec;
    private readonly SyzlangTypes _types;
    private readonly Dictionary<string, ScriptObject> _files = [];
    private readonly List<ScriptObject> _opens = [];

    /// <summary>Describes <paramref name="spec"/>.</summary>
    /// <exception cref="ToolException">Its calls are no system calls.</exception>
    public SyzlangDescription(AbiSet set, AbiSpec spec)
    {
        if (spec.Kind != AbiKind.Ioctl) throw new ToolException($"'{spec.Name}' is no spec of ioctls; syzlang describes system calls only, so name one with 'kind: ioctl'");
        if (!CanEmit(spec)) throw new ToolException($"'{spec.Name}' has no ioctl whose number is known, so there is nothing to describe; name another spec");
        (_set, _spec, _types) = (set, spec, new SyzlangTypes(set, spec));
    }

    /// <summary>Whether <paramref name="spec"/> has ioctls to describe.</summary>
    public static bool CanEmit(AbiSpec spec) => spec.Kind == AbiKind.Ioctl && spec.Calls.Any(c => c.Request is not null);

    /// <summary>Name of the description's file.</summary>
    public static string FileName(AbiSpec spec) => spec.Name + ".txt";

    /// <summary>Its text.</summary>
    public string Text
    {
        get
        {
            ScriptObject[] calls = [.. _spec.Calls.Where(c => CarrierOf(c).Request is not null).Select(Describe)];
            return Template.Render("syzlang", new ScriptObject
            {
                ["doc"] = SyzlangTypes.Comment(_spec.Provenance.Doc),
                ["source"] = SyzlangTypes.Comment("Source: " + _spec.Provenance.Source + "."),
                ["name"] = _spec.Name,
                ["needs"] = _types.Needs.ToArray(),
                ["includes"] = _spec.Headers.ToArray(),
                ["defines"] = _types.Defines,
                ["resources"] = _files.Values.Concat(_types.Resources).ToArray(),
                ["opens"] = _opens,
                ["calls"] = calls,
                ["records"] = _types.Records,
                ["sets"] = _types.Sets,
            });
        }
    }

    private ScriptObject Describe(Call call)
    {
        Call carrier = CarrierOf(call);
        string command = _types.Constant(_spec, carrier.Name, carrier.CName, carrier.Provenance, carrier.Request!.Value);
        string argument = call == carrier ? Argument(call) : SubArgument(call, carrier);
        return new ScriptObject
        {
            ["doc"] = SyzlangTypes.Comment(call.Provenance.Doc),
            ["name"] = SyzlangNames.Constant(_spec, call.Name),
            ["arguments"] = $"fd {FileOf(ObjectOf(call))}, cmd const[{command}]{argument}",
            ["returns"] = call.Returns == CallReturn.Fd && !HasFdField(call) ? Made(call) : null,
        };
    }

    private string Argument(Call call)
    {
        if (call.Argument is { } record) return $", arg ptr[{SyzlangTypes.Direction(_types.Find(record))}, {RecordOf(call, record)}]";
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
            replaced[parts[0]] = $"const[{parts[1]}, int{8 * size}]";
        }

        string? own = call.Argument is { } name ? _types.Record(name) : call.Inputs.Count > 0 ? _types.Value(call.Inputs[0].Type, isArgument: false) : null;
        string direction = call.Argument is { } argument ? SyzlangTypes.Direction(_types.Find(argument)) : "in";
        if (call.Via is { } via && own is not null) replaced[via] = $"ptr64[{direction}, {own}]";
        string type = SyzlangNames.Constant(_spec, call.Name).ToLowerInvariant();
        _types.Struct(type, record, replaced, call.Via is null ? own : null);
        return $", arg ptr[{(direction == "in" || call.Via is not null ? "in" : "inout")}, {type}]";
    }

    private string RecordOf(Call call, string name)
    {
        RecordType record = _types.Find(name);
        if (!HasFdField(call) || Made(call) == "fd") return _types.Record(name);
        string type = SyzlangNames.Record(_spec, record);
        _types.Struct(type, record, record.Fields.Where(IsNewFile).ToDictionary(f => f.Name, _ => Made(call)), null);
        return type;
    }

    private bool HasFdField(Call call) => call.Argument is { } record && _types.Find(record).Fields.Any(IsNewFile);

    private static bool IsNewFile(Field field) => field is { Type: "fd", Direction: Direction.Out };

    // The spec says that a file comes back, and the call's name whose: KVM_CREATE_VM makes a vm.
    private string Made(Call call) => _spec.Objects.FirstOrDefault(o => IsMaker(call, o)) is { } made ? FileOf(made) : "fd";

    private bool IsMaker(Call call, CallObject made) =>
        call.Name.EndsWith("_CREATE_" + made.Name.ToUpperInvariant(), StringComparison.Ordinal) && (call.Returns == CallReturn.Fd || HasFdField(call));

    /// <summary>The resource of a kind of file; plain <c>fd</c>, any file, where no call and no path makes one.</summary>
    private string FileOf(CallObject target)
    {
        string? path = SyzlangNames.Path(target);
        foreach (AbiSpec used in _spec.Uses.Select(_set.Spec).OfType<AbiSpec>())
        {
            if (path is not null && used.Objects.FirstOrDefault(o => SyzlangNames.Path(o) == path) is { } same)
            {
                _types.Needs.Add(FileName(used));
                return SyzlangNames.File(same);
            }
        }

        if (path is null && !_spec.Calls.Any(c => IsMaker(c, target))) return "fd";
        string name = SyzlangNames.File(target);
        if (_files.TryAdd(name, new ScriptObject { ["doc"] = SyzlangTypes.Comment(target.Provenance.Doc), ["name"] = name, ["base"] = "fd" }) && path is not null)
            _opens.Add(new ScriptObject { ["name"] = name[3..], ["path"] = path, ["resource"] = name });
        return name;
    }

    private Call CarrierOf(Call call) => call.SubCallOf is { } name ? _spec.Calls.FirstOrDefault(c => c.Name == name) ?? call : call;

    private CallObject ObjectOf(Call call) => _spec.Objects.FirstOrDefault(o => o.Name == call.On) ?? _spec.Objects[0];
}
