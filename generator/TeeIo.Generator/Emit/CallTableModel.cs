using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Scriban.Runtime;
using TeeIo.Abi.Model;
using TeeIo.Abi.Symbols;

namespace TeeIo.Generator.Emit;

/// <summary>What is known of each call, as the flow and the traces need it.</summary>
internal static class CallTableModel
{
    public static ScriptObject? Build(EmitContext context)
    {
        AbiSpec spec = context.Spec;
        List<ScriptObject> tables = new();
        if (spec.Calls.Count > 0 && spec.Kind is not (AbiKind.Netlink or AbiKind.Sysfs)) tables.Add(Table(TableName(context), "", spec.Calls, c => SidesOf(c, spec), context));
        tables.AddRange(spec.Interfaces.Select(i => Table(i.ClassName + "Calls", i.Name, i.Ops, o => o.Sides ?? i.Sides, context)));
        if (tables.Count == 0) return null;
        context.Use("System.Collections.Generic", "TeeIo.Flow");
        return new ScriptObject { ["attribute"] = GeneratedCode.Attribute, ["tables"] = tables };
    }

    /// <summary>The class that holds the calls of a spec that isn't one of ops.</summary>
    public static string TableName(EmitContext context) => context.Stem + "Calls";

    /// <summary>The call's property in its table: the method's name, after the object's where several objects have such a method.</summary>
    public static string PropertyName(Call call, AbiSpec spec)
    {
        bool isUnique = spec.Calls.Count(c => c.MethodName == call.MethodName) <= 1;
        return isUnique ? call.MethodName : ObjectOf(call, spec)?.ClassName + call.MethodName;
    }

    /// <summary>The ioctl object that <paramref name="call"/> goes to: the named one, its carrier's, or the only one.</summary>
    public static CallObject? ObjectOf(Call call, AbiSpec spec)
    {
        string on = call.On;
        if (on.Length == 0 && call.SubCallOf is not null) on = spec.Calls.FirstOrDefault(c => c.Name == call.SubCallOf)?.On ?? "";
        return spec.Objects.FirstOrDefault(o => o.Name == on) ?? (on.Length == 0 && spec.Objects.Count > 0 ? spec.Objects[0] : null);
    }

    private static Sides SidesOf(Call call, AbiSpec spec) => call.Sides ?? ObjectOf(call, spec)?.Sides ?? spec.Sides ?? new Sides("", "");

    private static ScriptObject Table(string name, string owner, EquatableArray<Call> calls, Func<Call, Sides> sides, EmitContext context) => new()
    {
        ["doc"] = Docs.OfSpec($"What is known of the calls of {context.Spec.Name}.", context.Spec),
        ["name"] = name,
        ["calls"] = calls.Select(c => CallInfo(c, owner, sides(c), context)).ToArray(),
    };

    private static ScriptObject CallInfo(Call call, string owner, Sides sides, EmitContext context)
    {
        AbiSpec spec = context.Spec;
        bool isStatus = spec.Kind == AbiKind.RegisterCall;
        // A mailbox's status says only that there is an error code.
        string? outcomes = spec.Framing.ErrorEnum ?? spec.Framing.StatusEnum;
        return new ScriptObject
        {
            ["doc"] = Docs.Of(1, call.Provenance, spec.Provenance, call.Name),
            ["property"] = spec.Kind == AbiKind.Ops ? call.MethodName : PropertyName(call, spec),
            ["abi"] = Literal.Text(spec.Name),
            ["name"] = Literal.Text(spec.Kind == AbiKind.Ops ? $"{owner}.{call.Name}" : call.Name),
            ["number"] = Number(call, spec),
            ["selectors"] = Selectors(call, context),
            ["client"] = Literal.Text(sides.Client),
            ["server"] = Literal.Text(sides.Server),
            ["outcome"] = spec.Kind is AbiKind.Ioctl or AbiKind.Ops ? "Syscall" : isStatus ? "Status" : "Code",
            ["mask"] = isStatus && spec.Framing.StatusMask != 0 ? Literal.Hex(spec.Framing.StatusMask) : null,
            ["outcome_names"] = outcomes is null ? null : EnumModel.NamesOf(context.TypeName(outcomes)) + ".Values",
            ["arguments"] = RecordedArguments.Of(call, context).Select(a => Argument(a, context)).ToArray(),
            ["errors"] = call.Errors.Select(e => new ScriptObject
            {
                ["name"] = Literal.Text(e.Name),
                ["outcome"] = Outcome(e.Name, outcomes, context),
                ["meaning"] = Literal.Text(Docs.OneLine(e.Meaning)),
            }).ToArray(),
        };
    }

    private static string? Number(Call call, AbiSpec spec)
    {
        if (spec.Kind != AbiKind.Ioctl) return call.Number is { } number ? Literal.Hex(number) : null;
        Call carrier = call.SubCallOf is null ? call : spec.Calls.FirstOrDefault(c => c.Name == call.SubCallOf) ?? call;
        return carrier.Request is { } request ? Literal.Hex(request) : null;
    }

    // What a dispatcher looks at to tell a sub-call from its siblings, for those that see recorded bytes alone.
    private static string? Selectors(Call call, EmitContext context)
    {
        if (call.SubCallOf is null || context.Spec.Calls.FirstOrDefault(c => c.Name == call.SubCallOf)?.Argument is not { } head) return null;
        EquatableArray<Field> fields = context.Types[head].Fields;
        return string.Join(", ", call.Select.Select(s => s.Split('=')).Select(s => (Field: fields.First(f => f.Name == s[0]), Value: s[1]))
            .Select(s => string.Format(CultureInfo.InvariantCulture, "new({0}, {1}, {2})", s.Field.Offset, s.Field.Size, s.Value)));
    }

    private static ScriptObject Argument(RecordedArgument argument, EmitContext context)
    {
        TypeInfo? type = context.Types.Find(argument.Type);
        string format = type?.Kind switch
        {
            TypeKind.Enum => "Names",
            TypeKind.Handle => "Handle",
            _ => argument.IsCount ? "Number" : "Hex",
        };
        string names = format == "Names" ? $", {EnumModel.NamesOf(context.TypeName(argument.Type))}.Values" : "";
        return new ScriptObject
        {
            ["text"] = string.Format(
                CultureInfo.InvariantCulture, "new({0}, {1}, {2}, {3}, {4}, {5}, {6}, ArgumentFormat.{7}{8})",
                Literal.Text(argument.Name), argument.Offset, argument.Size, argument.LowBit, argument.BitCount,
                argument.IsInput ? "true" : "false", argument.IsOutput ? "true" : "false", format, names),
        };
    }

    private static string Outcome(string error, string? outcomes, EmitContext context)
    {
        if (outcomes is null) return context.Errno(error) is { } errno ? Literal.Decimal(-errno) : "null";
        TypeInfo type = context.Types[outcomes];
        string name = error.StartsWith(type.Prefix, StringComparison.Ordinal) ? error.Substring(type.Prefix.Length) : error;
        return (EmitContext.ValueOf(type.Values, error) ?? EmitContext.ValueOf(type.Values, name)) is { } value ? Literal.Decimal(unchecked((long)value)) : "null";
    }
}
