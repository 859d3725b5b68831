using System.Collections.Generic;
using System.Linq;
using Scriban.Runtime;
using TeeIo.Abi;
using TeeIo.Abi.Model;
using TeeIo.Generator.Emit.Messages;

namespace TeeIo.Generator.Emit.Mailboxes;

/// <summary>Both sides of commands whose code and status stand in registers beside their buffer.</summary>
internal static class CommandModel
{
    /// <summary>The model of both templates, or null where there are no such commands.</summary>
    public static ScriptObject? Build(EmitContext context)
    {
        AbiSpec spec = context.Spec;
        Call[] calls = spec.Calls.Where(c => c.Number is not null).ToArray();
        if (spec.Kind != AbiKind.Mailbox || !spec.Framing.IsCommand || calls.Length == 0) return null;
        context.Use("System", "TeeIo.Boundaries", "TeeIo.Flow");
        return new ScriptObject
        {
            ["generated"] = GeneratedCode.Attribute,
            ["client_docs"] = Docs.OfSpec($"Runs the commands of {spec.Name}.", spec),
            ["server_docs"] = Docs.OfSpec($"Serves the commands of {spec.Name}.", spec),
            ["dispatcher_docs"] = Docs.OfSpec($"Decodes the commands of {spec.Name} for their server.", spec),
            ["stem"] = context.Stem,
            ["status"] = context.TypeName(spec.Framing.StatusEnum!),
            ["unknown"] = Refusal(context, "command"),
            ["wrong_length"] = Refusal(context, "length"),
            ["reserved"] = Refusal(context, "reserved"),
            ["calls"] = calls.Select(c => Command(c, context)).ToArray(),
        };
    }

    private static string Refusal(EmitContext context, string reason) =>
        $"{context.TypeName(context.Spec.Framing.StatusEnum!)}.{CSharpNames.Value(context.Spec.Framing.RefusalFor(reason)!)}";

    private static ScriptObject Command(Call call, EmitContext context)
    {
        TypeInfo? buffer = call.Argument is null ? null : context.Types[call.Argument];
        List<string> remarks = new() { $"Command {Literal.Hex(call.Number!.Value)}." };
        remarks.AddRange(Docs.Outcomes(call));
        Field? size = buffer?.Fields.FirstOrDefault(f => f.Role == FieldRole.Size);
        string tests = buffer is null ? "" : string.Join("\n            && ", ReservedBits.Tests(buffer, context));
        return new ScriptObject
        {
            ["method"] = call.MethodName,
            ["info"] = $"{CallTableModel.TableName(context)}.{CallTableModel.PropertyName(call, context.Spec)}",
            ["docs"] = Docs.Of(1, call.Provenance, context.Spec.Provenance, call.Name, remarks),
            ["number"] = Literal.Hex(call.Number.Value),
            ["buffer"] = buffer is null ? null : context.TypeName(buffer.Name),
            ["by"] = buffer is not null && buffer.Fields.Any(f => f.Direction != Direction.In) ? "ref" : "in",
            ["size"] = size is null ? null : CSharpNames.Field(size.Name),
            ["cleared"] = buffer?.Fields.Where(f => f.Role == FieldRole.Zero).Select(f => CSharpNames.Field(f.Name)).ToArray() ?? System.Array.Empty<string>(),
            ["tests"] = tests.Length == 0 ? null : tests,
        };
    }
}
