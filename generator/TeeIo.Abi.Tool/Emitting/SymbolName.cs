using TeeIo.Abi.Model;

namespace TeeIo.Abi.Tool.Emitting;

/// <summary>What things of a spec are called in languages without namespaces for them.</summary>
internal static class SymbolName
{
    /// <summary>An enumeration's value: by its prefix in C, else, or where that isn't the only one, by the enumeration.</summary>
    public static string Of(AbiSpec spec, EnumType type, EnumValue value)
    {
        bool isOnly = type.Prefix.Length > 0 && spec.Enums.Count(e => e.Prefix == type.Prefix && e.Values.Any(v => v.Name == value.Name)) == 1;
        return isOnly ? type.Prefix + value.Name : $"{type.Name}_{value.Name}";
    }

    /// <summary>The number of a call that isn't an ioctl.</summary>
    public static string OfNumber(Call call) => "NR_" + call.Name;

    /// <summary>The code of a call's response.</summary>
    public static string OfResponse(Call call) => $"NR_{call.Name}_RESPONSE";

    /// <summary>The bits' mask in their scalar.</summary>
    public static ulong Mask(BitRange bits) => (bits.Width == 64 ? ulong.MaxValue : (1UL << bits.Width) - 1) << bits.Low;

    /// <summary>The name with everything that no identifier has replaced.</summary>
    public static string Identifier(string name) => string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));
}
