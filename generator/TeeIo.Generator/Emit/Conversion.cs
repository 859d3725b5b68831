using TeeIo.Abi;
using TeeIo.Abi.Symbols;

namespace TeeIo.Generator.Emit;

/// <summary>Writes the conversions between values of a spec's types and numbers.</summary>
internal static class Conversion
{
    /// <summary>C# that makes a value of <paramref name="type"/> (a scalar, id or enumeration) of the unsigned number <paramref name="number"/>.</summary>
    public static string FromNumber(EmitContext context, string type, string number)
    {
        if (type == "bool") return $"{number} != 0";
        string name = context.TypeName(type);
        if (type == "fd") return $"new {name}((int){number})";
        if (context.Types.Find(type) is { Kind: TypeKind.Id } id) return id.Underlying == "u64" ? $"new {name}({number})" : $"new {name}(({context.TypeName(id.Underlying)}){number})";
        return $"({name}){number}";
    }

    /// <summary>C# that makes a <c>ulong</c> of <paramref name="value"/> of <paramref name="type"/>. Negative numbers are sign-extended.</summary>
    public static string ToNumber(EmitContext context, string type, string value)
    {
        if (type == "bool") return $"({value} ? 1UL : 0UL)";
        if (type == "u64") return value;
        bool isSigned = ScalarTypes.IsSigned(context.Types.Find(type)?.Underlying is { Length: > 0 } underlying ? underlying : type);
        string inner = type == "fd" || context.Types.Find(type) is { Kind: TypeKind.Id } ? $"{value}.Value" : value;
        return isSigned ? $"unchecked((ulong){inner})" : $"(ulong){inner}";
    }
}
