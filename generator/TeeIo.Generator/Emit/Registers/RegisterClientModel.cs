using System;
using System.Linq;
using Scriban.Runtime;
using TeeIo.Abi.Model;

namespace TeeIo.Generator.Emit.Registers;

/// <summary>The caller's side of register calls: one client for real hardware, and one for what runs on the software platform only.</summary>
internal static class RegisterClientModel
{
    /// <summary>The client of calls with public numbers, or null where there are none.</summary>
    public static ScriptObject? Build(EmitContext context) =>
        Build(context, c => !RegisterCallModel.IsModel(c, context.Spec), "Client", RegisterBlockModel.Transport(context), $"Makes the calls of {context.Spec.Name}.");

    /// <summary>The client of the other calls, or null where there are none.</summary>
    public static ScriptObject? BuildModel(EmitContext context) =>
        Build(context, c => RegisterCallModel.IsModel(c, context.Spec), "ModelClient", "ModelRegisterTransport", $"Makes those calls of {context.Spec.Name} that only the software platform carries.");

    private static ScriptObject? Build(EmitContext context, Func<Call, bool> selects, string suffix, string transport, string doc)
    {
        AbiSpec spec = context.Spec;
        if (spec.Kind != AbiKind.RegisterCall || !spec.Calls.Any(selects)) return null;
        context.Use("TeeIo.Boundaries", "TeeIo.Flow");
        return new ScriptObject
        {
            ["docs"] = Docs.OfSpec(doc, spec),
            ["generated"] = GeneratedCode.Attribute,
            ["class"] = context.Stem + suffix,
            ["transport"] = transport,
            ["registers"] = RegisterBlockModel.TypeOf(context),
            ["status"] = RegisterBlockModel.StatusPlace(context),
            ["status_type"] = RegisterBlockModel.StatusType(context),
            ["layout"] = RegisterBlockModel.Layout(context),
            ["calls"] = spec.Calls.Where(selects).Select(c => new RegisterCallModel(context, c).Build()).ToArray(),
        };
    }
}
