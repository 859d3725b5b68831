using System.Linq;
using Scriban.Runtime;
using TeeIo.Abi;
using TeeIo.Abi.Model;

namespace TeeIo.Generator.Emit;

/// <summary>Typed identifiers.</summary>
internal static class IdModel
{
    public static ScriptObject? Build(EmitContext context)
    {
        if (context.Spec.Ids.Count == 0) return null;
        return new ScriptObject
        {
            ["attribute"] = GeneratedCode.Attribute,
            ["ids"] = context.Spec.Ids.Select(id => Id(id, context)).ToArray(),
        };
    }

    private static ScriptObject Id(IdType id, EmitContext context) => new()
    {
        ["doc"] = Docs.Of(0, id.Provenance, context.Spec.Provenance),
        ["name"] = CSharpNames.Id(id.Name),
        ["underlying"] = context.TypeName(id.Underlying),
        ["label"] = id.Name,
        ["members"] = id.AnyOf.Select(member => new ScriptObject { ["type"] = context.TypeName(member), ["label"] = member }).ToArray(),
    };
}
