using System.Collections.Generic;
using System.Linq;
using Scriban.Runtime;
using TeeIo.Abi.Model;

namespace TeeIo.Generator.Emit.Mailboxes;

/// <summary>Both sides of a mailbox's commands.</summary>
internal static class MailboxModel
{
    private const string Bytes = "bytes";

    /// <summary>The model of both templates, or null where there are no commands.</summary>
    public static ScriptObject? Build(EmitContext context)
    {
        AbiSpec spec = context.Spec;
        Call[] calls = spec.Calls.Where(c => c.Number is not null).ToArray();
        if (spec.Kind != AbiKind.Mailbox || spec.Framing.IsCommand || calls.Length == 0) return null;
        context.Use("System", "TeeIo.Boundaries", "TeeIo.Flow");
        return new ScriptObject
        {
            ["generated"] = GeneratedCode.Attribute,
            ["client_docs"] = Docs.OfSpec($"Runs the commands of {spec.Name}.", spec),
            ["server_docs"] = Docs.OfSpec($"Serves the commands of {spec.Name}.", spec),
            ["dispatcher_docs"] = Docs.OfSpec($"Decodes the commands of {spec.Name} for their server.", spec),
            ["stem"] = context.Stem,
            ["calls"] = calls.Select(c => Command(c, context)).ToArray(),
        };
    }

    private static ScriptObject Command(Call call, EmitContext context)
    {
        Field? target = call.Inputs.Count > 0 ? call.Inputs[0] : null;
        string? record = call.Argument is null or Bytes ? null : context.TypeName(call.Argument);
        string? result = call.Result is null or Bytes ? null : context.TypeName(call.Result);
        string? name = target is null ? null : ParameterNames.For(target.Name);
        List<string> parameters = new();
        List<string> docs = new();
        List<string> arguments = new();
        if (target is not null) Add($"{context.TypeName(target.Type)} {name}", name!, target.Provenance.Doc, Conversion.FromNumber(context, target.Type, "target"));
        if (record is not null) Add($"in {record} argument", "argument", "the request", "in argument");
        else if (call.Argument == Bytes) Add("ReadOnlySpan<byte> request", "request", "the request", "request");
        if (result is not null) Add($"out {result} result", "result", "the response", $"out {result} result");
        else if (call.Result == Bytes)
        {
            Add("Span<byte> response", "response", "receives the response", "response");
            Add("out int responseLength", "responseLength", "bytes of the response", "out responseLength");
        }

        List<string> remarks = new() { $"Operation {Literal.Decimal((long)call.Number!.Value)}." };
        remarks.AddRange(Docs.Outcomes(call));
        return new ScriptObject
        {
            ["method"] = call.MethodName,
            ["info"] = $"{CallTableModel.TableName(context)}.{CallTableModel.PropertyName(call, context.Spec)}",
            ["docs"] = Docs.Of(1, call.Provenance, context.Spec.Provenance, call.Name, remarks)
                + (docs.Count == 0 ? "" : "\n" + Docs.Lines(1, docs.Cast<string?>().ToArray())),
            ["operation"] = Literal.Decimal((long)call.Number.Value),
            ["parameters"] = ParameterList.Join(parameters, 30 + call.MethodName.Length, 2),
            ["target"] = target is null ? "0" : Conversion.ToNumber(context, target.Type, name!),
            ["target_bits"] = target is null ? 64 : 8 * context.Types.SizeOf(target.Type),
            ["arguments"] = string.Join(", ", arguments),
            ["argument"] = record,
            ["takes_bytes"] = call.Argument == Bytes,
            ["result"] = result,
            ["returns_bytes"] = call.Result == Bytes,
        };

        void Add(string parameter, string parameterName, string doc, string argument)
        {
            parameters.Add(parameter);
            arguments.Add(argument);
            docs.Add(ParameterList.Doc(parameterName, doc));
        }
    }
}
