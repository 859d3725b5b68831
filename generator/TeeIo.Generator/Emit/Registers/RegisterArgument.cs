using System.Collections.Generic;
using System.Linq;
using TeeIo.Abi;
using TeeIo.Abi.Model;
using TeeIo.Abi.Symbols;

namespace TeeIo.Generator.Emit.Registers;

/// <summary>An argument or result of a register call as C# sees it: how its value gets into its register's bits, and out of them.</summary>
internal sealed class RegisterArgument
{
    private readonly EmitContext _context;

    public RegisterArgument(Field field, EmitContext context)
    {
        _context = context;
        Field = field;
        Name = ParameterNames.For(field.Name);
        Type = context.TypeName(field.Type);
    }

    /// <summary>The field.</summary>
    public Field Field { get; }

    /// <summary>The parameter.</summary>
    public string Name { get; }

    /// <summary>The parameter's type.</summary>
    public string Type { get; }

    /// <summary>Where it is.</summary>
    public string Register => PlaceOf(_context.Spec.Framing, Field.Register!);

    private int Low => Field.Bits?.Low ?? 0;

    private int Width => Field.Bits?.Width ?? 64;

    private bool IsRecord => _context.Types.Find(Field.Type)?.Kind == TypeKind.Record;

    /// <summary>C# for the place of a register: an element of the CPU's, or a field of the spec's own.</summary>
    public static string PlaceOf(Framing framing, string register) =>
        framing.Registers is null ? $"registers[{RegisterNamed(register)}]" : $"registers.{CSharpNames.Field(register)}";

    /// <summary>C#'s name for a register.</summary>
    public static string RegisterNamed(string register) => $"Register.{char.ToUpperInvariant(register[0])}{register.Substring(1)}";

    /// <summary>The bits of a field in its register.</summary>
    public static ulong MaskOf(Field field) => field.Bits is not { } bits ? ulong.MaxValue : (ulong.MaxValue >> (64 - bits.Width)) << bits.Low;

    /// <summary>Statements that set registers to values: those that share a register are joined.</summary>
    public static IEnumerable<string> Stores(IEnumerable<(string Register, string Value)> values) =>
        values.GroupBy(v => v.Register).Select(g => $"{g.Key} = {string.Join(" | ", g.Select(v => v.Value))};");

    /// <summary>An expression for the argument's value at its place in the register.</summary>
    public string Place()
    {
        string value = IsRecord ? $"RegisterBoundary.Pack(in {Name})" : Conversion.ToNumber(_context, Field.Type, Name);
        int typeWidth = Field.Type == "bool" ? 1 : 8 * _context.Types.SizeOf(Field.Type);
        if (typeWidth > Width || (Width < 64 && ScalarTypes.IsSigned(Field.Type))) return $"RegisterBoundary.Place({value}, {Low}, {Width}, nameof({Name}))";
        return Low == 0 ? value : $"({value} << {Low})";
    }

    /// <summary>An expression for the value that the register holds.</summary>
    public string Take()
    {
        string number = Width == 64 ? Register : $"RegisterBoundary.Extract({Register}, {Low}, {Width})";
        if (IsRecord) return $"RegisterBoundary.Unpack<{Type}>({number})";
        return Field.Type == "u64" ? number : Conversion.FromNumber(_context, Field.Type, number);
    }
}
