using System.Globalization;
using System.Text.RegularExpressions;
using TeeIo.Abi.Model;

namespace TeeIo.Abi.Tool.Emitting;

/// <summary>What things of <paramref name="spec"/> are called in syzkaller's descriptions, whose files share one space of names. <paramref name="prefix"/> keeps them apart from syzkaller's own.</summary>
internal sealed partial class SyzlangNames(AbiSpec spec, string prefix)
{
    /// <summary>A kind of file, as a resource.</summary>
    public string File(CallObject target) => $"{prefix}fd_{Words(target.ClassName)}";

    /// <summary>What opens it, behind the system call's name.</summary>
    public string Open(CallObject target) => prefix + Words(target.ClassName);

    /// <summary>An id, which other specs may name as well.</summary>
    public string Id(AbiSpec owner, string name) => prefix + Local(owner, name);

    /// <summary>A set of values, or a type that each spec which uses it declares for itself.</summary>
    public string Own(string name) => Id(spec, name);

    /// <summary>A record: names that C headers have are unique, others only in their spec.</summary>
    public string Record(AbiSpec owner, RecordType record) => owner == spec && spec.Headers.Count > 0 ? prefix + SymbolName.Identifier(record.Name) : Own(record.Name);

    /// <summary>What stands behind a system call's name to tell its uses apart.</summary>
    public string Call(string name) => prefix + Constant(spec, name);

    /// <summary>A call's or value's constant: the name that the header has.</summary>
    public static string Constant(AbiSpec owner, string name) => owner.Headers.Count > 0 ? SymbolName.Identifier(name) : Local(owner, name).ToUpperInvariant();

    /// <summary>Whether a header of the kernel has the constant; what it lacks is defined by its number.</summary>
    public static bool IsInHeader(AbiSpec owner, string? cName, Provenance provenance) =>
        owner.Headers.Count > 0 && cName != CNames.None && provenance.Status is AbiStatus.Upstream or AbiStatus.Unverified;

    /// <summary>A number as syzkaller's own formatter writes it.</summary>
    public static string Number(ulong value) => value < 10 ? value.ToString(CultureInfo.InvariantCulture) : "0x" + value.ToString("x", CultureInfo.InvariantCulture);

    // What already begins with the spec's name needs it no second time.
    private static string Local(AbiSpec owner, string name)
    {
        (string spec, string local) = (SymbolName.Identifier(owner.Name), SymbolName.Identifier(name));
        return local.StartsWith(spec + "_", StringComparison.Ordinal) ? local : $"{spec}_{local}";
    }

    private static string Words(string className) => Capitals().Replace(className, m => "_" + m.Value.ToLowerInvariant()).TrimStart('_');

    [GeneratedRegex("[A-Z]")]
    private static partial Regex Capitals();
}
