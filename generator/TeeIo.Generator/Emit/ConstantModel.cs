using System.Linq;
using Scriban.Runtime;
using TeeIo.Abi;

namespace TeeIo.Generator.Emit;

/// <summary>Named numbers.</summary>
internal static class ConstantModel
{
    public static ScriptObject? Build(EmitContext context)
    {
        if (context.Spec.Constants.Count == 0) return null;
        return new ScriptObject
        {
            ["attribute"] = GeneratedCode.Attribute,
            ["doc"] = Docs.OfSpec($"Numbers of {context.Spec.Name}.", context.Spec),
            ["name"] = context.Stem + "Constants",
            ["constants"] = context.Spec.Constants.Select(c => new ScriptObject
            {
                ["doc"] = Docs.Of(1, c.Provenance, context.Spec.Provenance, c.Name),
                ["name"] = CSharpNames.Value(c.Name),
                // A constant int converts to every integer type that it fits into.
                ["type"] = c.Value <= int.MaxValue ? "int" : c.Value <= uint.MaxValue ? "uint" : "ulong",
                ["value"] = c.Value <= 255 ? Literal.Decimal((long)c.Value) : Literal.Hex(c.Value),
            }).ToArray(),
        };
    }
}
