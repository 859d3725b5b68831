using System.Linq;
using Scriban.Runtime;
using TeeIo.Abi.Model;

namespace TeeIo.Generator.Emit.Registers;

/// <summary>How registers of a spec's own travel in a page of shared memory.</summary>
internal static class RegisterPageModel
{
    /// <summary>The model, or null where there is no page.</summary>
    public static ScriptObject? Build(EmitContext context)
    {
        if (context.Spec.Framing.Registers is not { Page: { } page, Bitmap: { } bitmap, ValidField: { } valid } block) return null;
        context.Use("TeeIo.Boundaries");
        TypeInfo record = context.Types[page];
        TypeInfo registers = context.Types[block.Record];
        Field marks = record.Fields.First(f => f.Name == bitmap);
        return new ScriptObject
        {
            ["generated"] = GeneratedCode.Attribute,
            ["docs"] = Docs.OfSpec($"Carries the registers of {context.Spec.Name} in a page of shared memory.", context.Spec),
            ["stem"] = context.Stem,
            ["registers"] = context.TypeName(block.Record),
            ["page"] = context.TypeName(page),
            ["bitmap"] = $"{marks.Offset}, {marks.Size}",
            ["valid"] = registers.Fields.First(f => f.Name == valid).Offset / 8,
            ["places"] = registers.Fields.Where(f => f.Name != valid).Select(f =>
            {
                Field place = record.Fields.First(p => p.Name == f.Name);
                return $"new({f.Offset / 8}, {place.Offset}, {place.Size})";
            }).ToArray(),
        };
    }
}
