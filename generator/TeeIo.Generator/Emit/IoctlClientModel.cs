using System.Collections.Generic;
using System.Linq;
using Scriban.Runtime;
using TeeIo.Abi.Model;

namespace TeeIo.Generator.Emit;

/// <summary>The caller's side of ioctls: a client for each kind of descriptor.</summary>
internal static class IoctlClientModel
{
    public static ScriptObject? Build(EmitContext context)
    {
        AbiSpec spec = context.Spec;
        (CallObject Object, IoctlCall[] Calls)[] objects = spec.Objects.Select(o => (o, IoctlCall.Of(o, spec).ToArray())).Where(o => o.Item2.Length > 0).ToArray();
        if (spec.Kind != AbiKind.Ioctl || objects.Length == 0) return null;
        context.Use("System", "System.Runtime.InteropServices", "TeeIo.Boundaries", "TeeIo.Flow");
        return new ScriptObject
        {
            ["attribute"] = GeneratedCode.Attribute,
            ["experimental"] = ProfileModel.Experimental(context),
            ["clients"] = objects.Select(o => new ScriptObject
            {
                ["doc"] = Docs.Of(0, o.Object.Provenance, spec.Provenance),
                ["class"] = o.Object.ClassName,
                ["calls"] = o.Calls.Select(c => Method(c, context)).ToArray(),
            }).ToArray(),
        };
    }

    private static ScriptObject Method(IoctlCall call, EmitContext context)
    {
        IoctlCallWriter writer = new(call, context);
        List<Parameter> parameters = writer.Parameters;
        Parameter? result = call.Call.Returns == CallReturn.Fd ? new Parameter("result", "Fd", "out", "The new descriptor; <see cref=\"Fd.None\"/> if there is none.") : null;
        List<Parameter> attempted = result is null ? parameters : parameters.Append(result).ToList();
        string info = $"{CallTableModel.TableName(context)}.{call.Property}";

        // What the exception-throwing form returns: what the call returns, else its only output.
        Parameter[] outs = parameters.Where(p => p.Modifier == "out").ToArray();
        bool returnsNumber = call.Call.Returns is CallReturn.Value or CallReturn.Residue;
        Parameter? returned = result ?? (!returnsNumber && outs.Length == 1 ? outs[0] : null);
        Parameter[] demanded = attempted.Where(p => p != returned).ToArray();
        string[] docs = { Docs.Summary(call.Call.Provenance.Doc, call.Call.Name) };
        return new ScriptObject
        {
            ["method"] = call.Call.MethodName,
            ["info"] = info,
            ["try_doc"] = Docs.Lines(1, docs.Concat(attempted.Select(p => p.DocLine)).Append(Docs.Returns(call.Call)).Append(Remarks(call, context)).ToArray()),
            ["try_parameters"] = ParameterList.Join(attempted.Select(p => p.Declaration).ToArray(), 25 + call.Call.MethodName.Length, 2),
            ["doc"] = Docs.Lines(1, docs.Concat(demanded.Select(p => p.DocLine)).Append(Returned(returned, returnsNumber))
                .Append($"<exception cref=\"AbiException\">It failed; <see cref=\"Try{call.Call.MethodName}\"/> tells without an exception.</exception>").ToArray()),
            ["parameters"] = ParameterList.Join(demanded.Select(p => p.Declaration).ToArray(), 22 + call.Call.MethodName.Length, 2),
            ["type"] = returned?.Type ?? (returnsNumber ? "long" : "void"),
            ["value"] = returned?.Name ?? (returnsNumber ? "outcome.Value" : null),
            ["arguments"] = string.Join(", ", attempted.Select(p => p == returned ? p.Receiver : p.Argument)),
            ["prepare"] = writer.Prepare,
            ["invoke"] = writer.Invoke(info),
            ["finish"] = result is null ? writer.Finish : writer.Finish.Append("result = outcome.IsOk ? new Fd((int)outcome.Value) : Fd.None;").ToList(),
        };
    }

    private static string? Returned(Parameter? returned, bool isNumber) =>
        returned is not null ? $"<returns>{returned.Doc}</returns>" : isNumber ? "<returns>The number that the call returns.</returns>" : null;

    private static string Remarks(IoctlCall call, EmitContext context)
    {
        List<string> remarks = new() { $"<c>{Docs.Escape(call.Call.Name)}</c>." };
        Provenance own = call.Call.Provenance;
        if (own.Since is not null && own.Since != context.Spec.Provenance.Since) remarks.Add($"Since {Docs.Escape(own.Since)}.");
        remarks.AddRange(Docs.States(call.Call));
        if (own.Source != context.Spec.Provenance.Source) remarks.Add($"Source: {Docs.Escape(own.Source)}.");
        return $"<remarks>{string.Join(" ", remarks)}</remarks>";
    }
}
