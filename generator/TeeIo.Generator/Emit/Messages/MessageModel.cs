using System.Linq;
using Scriban.Runtime;
using TeeIo.Abi;
using TeeIo.Abi.Model;

namespace TeeIo.Generator.Emit.Messages;

/// <summary>Both sides of request and response messages: the codec, the requester, and the responder's interface and dispatcher.</summary>
internal static class MessageModel
{
    /// <summary>The model of all three templates, or null where there are no messages with a header and an error.</summary>
    public static ScriptObject? Build(EmitContext context)
    {
        if (MessageFraming.Of(context) is not { } framing) return null;
        AbiSpec spec = context.Spec;
        context.Use("System", "TeeIo.Boundaries", "TeeIo.Flow");
        MessageCallModel[] calls = spec.Calls.Where(c => c.Number is not null).Select(c => new MessageCallModel(context, framing, c)).ToArray();
        return new ScriptObject
        {
            ["generated"] = GeneratedCode.Attribute,
            ["codec_docs"] = Docs.OfSpec($"Writes and reads the messages of {spec.Name}.", spec),
            ["requester_docs"] = Docs.OfSpec($"Sends the requests of {spec.Name}.", spec),
            ["responder_docs"] = Docs.OfSpec($"Answers the requests of {spec.Name}.", spec),
            ["dispatcher_docs"] = Docs.OfSpec($"Decodes the requests of {spec.Name} for their responder.", spec),
            ["stem"] = context.Stem,
            ["header"] = context.TypeName(framing.Header.Name),
            ["code"] = CSharpNames.Field(framing.Code.Name),
            ["code_type"] = context.TypeName(framing.Code.Type),
            ["error"] = framing.Error is null ? null : context.TypeName(framing.Error.Name),
            ["error_header"] = framing.Error is null ? null : framing.HeaderOf(framing.Error),
            ["error_code"] = framing.ErrorCode is null ? null : CSharpNames.Field(framing.ErrorCode.Name),
            ["error_code_type"] = framing.ErrorCode is null ? null : context.TypeName(framing.ErrorCode.Type),
            ["error_message"] = framing.Error is null ? null : framing.CodeOfError(framing.Error),
            ["error_size"] = framing.Error is null ? "0" : context.TypeName(framing.Error.Name) + ".ByteSize",
            ["refuse"] = framing.Error is null ? "Refuse(" : "Refuse(responder, in header, ",
            ["refused"] = framing.Error is null ? ", out refusal)" : ", response)",
            ["fixed"] = framing.Fixed.Select(f => new ScriptObject { ["field"] = f.Field, ["value"] = f.Value }).ToArray(),
            ["size"] = framing.Size?.Field,
            ["size_type"] = framing.Size?.Type,
            ["echoed"] = framing.Echoed.Select(f => Echo(f, spec)).ToArray(),
            ["records"] = calls.SelectMany(c => new[] { c.Argument, c.Result }).GroupBy(r => r.Name).Select(g => new ScriptObject
            {
                ["name"] = context.TypeName(g.Key),
                ["tests"] = Tests(g.First(), context),
            }).ToArray(),
            ["calls"] = calls.Select(c => c.Build()).ToArray(),
        };
    }

    private static ScriptObject Echo(Field field, AbiSpec spec) => new()
    {
        ["name"] = CSharpNames.Field(field.Name),
        ["offset"] = field.Offset,
        ["size"] = field.Size,
        ["failure"] = field.Name == spec.Framing.VersionField ? "Malformed" : "Unexpected",
    };

    private static string Tests(TypeInfo record, EmitContext context)
    {
        string tests = string.Join("\n        && ", ReservedBits.Tests(record, context));
        return tests.Length == 0 ? "true" : tests;
    }
}
