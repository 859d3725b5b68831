using System.Text.RegularExpressions;
using TeeIo.Abi.Model;

namespace TeeIo.Abi.Tool.Emitting;

/// <summary>What things are called in syzkaller's descriptions, whose files share one space of names.</summary>
internal static partial class SyzlangNames
{
    private const string NoCName = "none";

    /// <summary>The file that an object's calls go to, as a resource.</summary>
    public static string File(CallObject target) => "fd" + Capitals().Replace(target.ClassName, m => "_" + m.Value.ToLowerInvariant());

    /// <summary>An id, an enumeration or what else only its spec names.</summary>
    public static string Local(AbiSpec owner, string name) => SymbolName.Identifier($"{owner.Name}_{name}");

    /// <summary>A record: names that C headers have are unique, others only in their spec.</summary>
    public static string Record(AbiSpec owner, RecordType record) => owner.Headers.Count > 0 ? SymbolName.Identifier(record.Name) : Local(owner, record.Name);

    /// <summary>A call's or value's constant: the name that the header has.</summary>
    public static string Constant(AbiSpec owner, string name) => SymbolName.Identifier(owner.Headers.Count > 0 ? name : Local(owner, name).ToUpperInvariant());

    /// <summary>Whether a header of the kernel has the constant; what it lacks is defined by its number.</summary>
    public static bool IsInHeader(AbiSpec owner, string? cName, Provenance provenance) =>
        owner.Headers.Count > 0 && cName != NoCName && provenance.Status is AbiStatus.Upstream or AbiStatus.Unverified;

    /// <summary>The device file of an object whose doc is its path, or null.</summary>
    public static string? Path(CallObject target) => target.Provenance.Doc.StartsWith("/dev/", StringComparison.Ordinal) && !target.Provenance.Doc.Contains(' ', StringComparison.Ordinal) ? target.Provenance.Doc : null;

    [GeneratedRegex("[A-Z]")]
    private static partial Regex Capitals();
}
