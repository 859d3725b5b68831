using System.Text.RegularExpressions;
using Scriban.Runtime;
using TeeIo.Abi.Model;

namespace TeeIo.Abi.Tool.Emitting;

/// <summary>The files that a spec's calls go to, take and make. Each kind is a resource where a path or a call makes one, else plain <c>fd</c>, which is any file.</summary>
internal sealed partial class SyzlangFiles(AbiSet set, AbiSpec spec, SyzlangNames names)
{
    private const string AnyFile = "fd";
    private readonly AbiSpec[] _used = [.. spec.Uses.Select(set.Spec).OfType<AbiSpec>()];
    private readonly HashSet<string> _seen = [];

    /// <summary>Resources of the spec's own kinds of file.</summary>
    public List<ScriptObject> Resources { get; } = [];

    /// <summary>Calls that open those with a path.</summary>
    public List<string> Opens { get; } = [];

    /// <summary>Other specs whose kinds of file are named.</summary>
    public SortedSet<string> Needs { get; } = [];

    /// <summary>The kind of file that <paramref name="call"/> goes to.</summary>
    public string Target(Call call) => Resource(spec.Objects.FirstOrDefault(o => o.Name == call.On) ?? spec.Objects[0]);

    /// <summary>The kind of file that <paramref name="call"/> itself returns, or null where a field of its record holds it or there is none.</summary>
    public string? Returned(Call call) => call.Returns == CallReturn.Fd && !HasNewFile(call) ? Made(call) : null;

    /// <summary>The kind of file that a field holds.</summary>
    public string Held(RecordType record, Field field)
    {
        if (IsNewFile(field)) return spec.Calls.FirstOrDefault(c => c.Argument == record.Name) is { } call ? Made(call) : AnyFile;

        // The spec doesn't say which file goes in; a field with the name of an interface takes that one's.
        return _used.FirstOrDefault(s => s.Name == field.Name && s.Objects.Count == 1) is { } taken ? Resource(taken.Objects[0], taken) : AnyFile;
    }

    private string Made(Call call) => spec.Objects.FirstOrDefault(o => IsMaker(spec, call, o)) is { } made ? Resource(made) : AnyFile;

    private string Resource(CallObject target)
    {
        // Calls that another spec adds to a file have its class's name behind their own: SeedVfioDevice is a VfioDevice.
        foreach (AbiSpec owner in _used)
        {
            if (owner.Objects.FirstOrDefault(o => target.ClassName.EndsWith(o.ClassName, StringComparison.Ordinal)) is { } same) return Resource(same, owner);
        }

        return Resource(target, spec);
    }

    private string Resource(CallObject target, AbiSpec owner)
    {
        string? path = Path(owner, target);
        if (path is null && !owner.Calls.Any(c => IsMaker(owner, c, target))) return AnyFile;
        string name = names.File(target);
        if (owner != spec)
        {
            Needs.Add(SyzlangDescription.FileName(owner));
        }
        else if (_seen.Add(name))
        {
            Resources.Add(new ScriptObject { ["doc"] = SyzlangDescription.Comment(target.Provenance.Doc), ["name"] = name, ["base"] = AnyFile });
            if (path is not null) Opens.Add(Open(names.Open(target), path, name));
        }

        return name;
    }

    // A path that ends in N is one of many; the fuzzer's own call puts the number there.
    private static string Open(string name, string path, string made) => path.EndsWith('N')
        ? $"syz_open_dev${name}(dev ptr[in, string[\"{path[..^1]}#\"]], id intptr, flags const[O_RDWR]) {made}"
        : $"openat${name}(fd const[AT_FDCWD], file ptr[in, string[\"{path}\"]], flags const[O_RDWR], mode const[0]) {made}";

    // The spec says that a file comes back, and the call's name whose: KVM_CREATE_VM makes a vm.
    private static bool IsMaker(AbiSpec owner, Call call, CallObject made) =>
        call.Name.EndsWith("_CREATE_" + made.Name.ToUpperInvariant(), StringComparison.Ordinal) && (call.Returns == CallReturn.Fd || HasNewFile(owner, call));

    private bool HasNewFile(Call call) => HasNewFile(spec, call);

    private static bool HasNewFile(AbiSpec owner, Call call) => owner.Records.FirstOrDefault(r => r.Name == call.Argument)?.Fields.Any(IsNewFile) == true;

    private static bool IsNewFile(Field field) => field is { Type: AnyFile, Direction: Direction.Out };

    // The object's doc is its path, or that of an interface with one kind of file names it in parentheses.
    private static string? Path(AbiSpec owner, CallObject target)
    {
        if (Device().Match(target.Provenance.Doc) is { Success: true } own && own.Length == target.Provenance.Doc.Length) return own.Value;
        return owner.Objects.Count == 1 && InParentheses().Match(owner.Provenance.Doc) is { Success: true } only ? only.Groups[1].Value : null;
    }

    [GeneratedRegex("/dev/[A-Za-z0-9_/-]+")]
    private static partial Regex Device();

    [GeneratedRegex(@"\((/dev/[A-Za-z0-9_/-]+)\)")]
    private static partial Regex InParentheses();
}
