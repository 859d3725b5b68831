using System.Collections.Generic;
using System.Linq;
using Scriban.Runtime;
using TeeIo.Abi;
using TeeIo.Abi.Model;

namespace TeeIo.Generator.Emit;

/// <summary>The callee's side of ioctls: an interface and a dispatcher for each kind of descriptor.</summary>
internal static class IoctlServerModel
{
    public static ScriptObject? Build(EmitContext context)
    {
        AbiSpec spec = context.Spec;
        (CallObject Object, IoctlCall[] Calls)[] objects = spec.Objects.Select(o => (o, IoctlCall.Of(o, spec).Where(c => !c.Call.IsOneSided).ToArray())).Where(o => o.Item2.Length > 0).ToArray();
        if (spec.Kind != AbiKind.Ioctl || objects.Length == 0) return null;
        context.Use("System", "System.Buffers.Binary", "System.Runtime.InteropServices", "TeeIo.Boundaries", "TeeIo.Flow", "TeeIo.Linux");
        return new ScriptObject
        {
            ["attribute"] = GeneratedCode.Attribute,
            ["servers"] = objects.Select(o => Server(o.Object, o.Calls, context)).ToArray(),
        };
    }

    private static ScriptObject Server(CallObject target, IoctlCall[] calls, EmitContext context)
    {
        IoctlCall[] entries = calls.Where(c => c.Carrier is null).ToArray();
        return new ScriptObject
        {
            ["doc"] = Docs.Of(0, target.Provenance, context.Spec.Provenance),
            ["class"] = target.ClassName,
            ["requests"] = string.Join(" or ", entries.Select(c => Literal.Hex(c.Call.Request!.Value))),
            ["entries"] = entries.Select(c => new ScriptObject { ["request"] = Literal.Hex(c.Call.Request!.Value), ["method"] = c.Call.MethodName }).ToArray(),
            ["calls"] = calls.Select(c => Method(c, calls, context)).ToArray(),
        };
    }

    private static ScriptObject Method(IoctlCall call, IoctlCall[] calls, EmitContext context)
    {
        IoctlDispatchWriter writer = new(call, context);
        string method = call.Call.MethodName + (call.SubCalls.Count > 0 ? "Other" : "");
        return new ScriptObject
        {
            ["method"] = call.Call.MethodName,
            ["server_method"] = method,
            ["doc"] = Docs.Lines(1, new[] { Docs.Summary(call.Call.Provenance.Doc, call.Call.Name) }.Concat(writer.Parameters.Select(p => p.DocLine)).Append(Docs.Returns(call.Call)).ToArray()),
            ["parameters"] = ParameterList.Join(writer.Parameters.Select(p => p.Declaration).ToArray(), 18 + method.Length, 2),
            ["arguments"] = string.Join(", ", writer.Arguments),
            ["info"] = $"{CallTableModel.TableName(context)}.{call.Property}",
            ["head"] = call.IsAppended ? context.TypeName(call.Head!.Name) : null,
            ["takes_size"] = IoctlNames.SizeField(call.Head) is not null,
            ["prepare"] = writer.Prepare,
            ["sub_calls"] = calls.Where(c => c.Carrier == call.Call).Select(c => SubCall(c, context)).ToArray(),
            ["open"] = writer.Open,
            ["cleared"] = writer.Cleared,
            ["finish"] = writer.Finish,
        };
    }

    private static ScriptObject SubCall(IoctlCall call, EmitContext context)
    {
        IEnumerable<string> conditions = call.Selection.Select(s =>
            $"{Conversion.ToNumber(context, s.Field.Type, "argument." + CSharpNames.Field(s.Field.Name))} == {Literal.Hex(s.Value)}");
        return new ScriptObject
        {
            ["condition"] = string.Join(" && ", conditions),
            ["method"] = call.Call.MethodName,
            ["passes_head"] = call.IsAppended,
            ["passes_size"] = IoctlNames.SizeField(call.Head) is not null,
        };
    }
}
