using System.Linq;
using Scriban.Runtime;
using TeeIo.Abi.Model;

namespace TeeIo.Generator.Emit.Registers;

/// <summary>The callee's side of register calls: the interface that it implements and the dispatcher in front of it.</summary>
internal static class RegisterServerModel
{
    /// <summary>The model, or null where there are no register calls.</summary>
    public static ScriptObject? Build(EmitContext context)
    {
        AbiSpec spec = context.Spec;
        Call[] calls = spec.Calls.Where(c => !c.IsOneSided).ToArray();
        if (spec.Kind != AbiKind.RegisterCall || calls.Length == 0) return null;
        context.Use("TeeIo.Boundaries", "TeeIo.Flow");
        return new ScriptObject
        {
            ["server_docs"] = Docs.OfSpec($"Serves the calls of {spec.Name}.", spec),
            ["dispatcher_docs"] = Docs.OfSpec($"Decodes the calls of {spec.Name} for their server.", spec),
            ["generated"] = GeneratedCode.Attribute,
            ["server"] = $"I{context.Stem}Server",
            ["class"] = context.Stem + "Dispatcher",
            ["registers"] = RegisterBlockModel.TypeOf(context),
            ["transport"] = spec.Framing.Registers is null ? "ModelRegisterTransport" : RegisterBlockModel.Transport(context),
            ["selector"] = spec.Framing.SelectorRegister is { } selector ? RegisterArgument.PlaceOf(spec.Framing, selector) : null,
            ["status"] = RegisterBlockModel.StatusPlace(context),
            ["status_type"] = RegisterBlockModel.StatusType(context),
            ["layout"] = RegisterBlockModel.Layout(context),
            ["valid"] = spec.Framing.Registers?.ValidField is { } valid ? RegisterArgument.PlaceOf(spec.Framing, valid) : null,
            ["always"] = Literal.Hex(RegisterBlockModel.Bits(context, spec.Framing.Registers?.Always.ToArray() ?? System.Array.Empty<string>())),
            ["unknown"] = RegisterBlockModel.Refusal(context, "command"),
            ["reserved"] = RegisterBlockModel.Refusal(context, "reserved"),
            ["missing"] = RegisterBlockModel.Refusal(context, "missing"),
            ["fixed"] = RegisterCallModel.Fixed(spec.Framing).Select(f => $"registers[{f.Register}] != {Literal.Decimal((long)f.Value)}").ToArray(),
            ["has_reserved"] = spec.Framing.Registers is null && calls.Any(c => c.Inputs.Any(f => f.Role == FieldRole.Zero)),
            ["calls"] = calls.Select(c => new RegisterCallModel(context, c).Build()).ToArray(),
        };
    }
}
