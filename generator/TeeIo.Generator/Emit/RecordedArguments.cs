using System;
using System.Collections.Generic;
using System.Linq;
using TeeIo.Abi.Model;
using TeeIo.Abi.Symbols;

namespace TeeIo.Generator.Emit;

/// <summary>Finds what is recorded of a call, and where in the recorded bytes it lies.</summary>
internal static class RecordedArguments
{
    private const int Slot = 8;

    public static IReadOnlyList<RecordedArgument> Of(Call call, EmitContext context) => context.Spec.Kind switch
    {
        AbiKind.Ioctl => OfIoctl(call, context),
        AbiKind.RegisterCall => Merge(call.Inputs.Select(f => Inline(f, f.Offset, true, false)).Concat(call.Outputs.Select(f => Inline(f, f.Offset, false, true)))),
        AbiKind.Message => Record(call.Argument, 0, context, true, false).Concat(Record(call.Result, 0, context, false, true)).ToArray(),
        AbiKind.Mailbox when context.Spec.Framing.IsCommand => Record(call.Argument, 0, context, null, null),
        AbiKind.Mailbox => OfMailbox(call, context),
        _ => call.Inputs.Select(f => Inline(f, 0, f.Direction != Direction.Out, f.Direction != Direction.In)).Concat(call.Outputs.Select(f => Inline(f, 0, false, true)))
            .Select((a, i) => a with { Offset = Slot * i, Size = Slot }).ToArray(),
    };

    private static RecordedArgument[] OfIoctl(Call call, EmitContext context)
    {
        if (call.SubCallOf is not { } carrier) return call.Argument is null ? InOrder(call.Inputs, context, Slot) : Record(call.Argument, 0, context, null, null);

        // Of what the carrier's record holds, the values that select this call say nothing more.
        string? head = context.Spec.Calls.FirstOrDefault(c => c.Name == carrier)?.Argument;
        if (call.Via is not null) return call.Argument is null ? InOrder(call.Inputs, context, 0) : Record(call.Argument, 0, context, null, null);
        HashSet<string> selected = new(call.Select.Select(s => s.Substring(0, s.IndexOf('='))), StringComparer.Ordinal);
        int headSize = head is null ? 0 : context.Types.SizeOf(head);
        RecordedArgument[] own = Record(call.Argument, headSize, context, null, null).ToArray();
        return Record(head, 0, context, null, null).Where(a => !selected.Contains(a.Name) && own.All(o => o.Name != a.Name)).Concat(own).ToArray();
    }

    // What the command is for and the length of the response take a slot each; then follow request and response, as far as they are records.
    private static RecordedArgument[] OfMailbox(Call call, EmitContext context)
    {
        string? request = call.Argument is null or "bytes" ? null : call.Argument;
        string? response = call.Result is null or "bytes" ? null : call.Result;
        int requestSize = request is null ? 0 : context.Types.SizeOf(request);
        List<RecordedArgument> result = new();
        result.AddRange(call.Inputs.Take(1).Select(f => Inline(f, 0, true, false) with { Size = Slot }));
        if (call.Result == "bytes") result.Add(new RecordedArgument("response_length", "u64", Slot, Slot, 0, 0, false, true, true));
        result.AddRange(Record(request, 2 * Slot, context, true, false));
        result.AddRange(Record(response, (2 * Slot) + requestSize, context, false, true));
        return result.ToArray();
    }

    private static RecordedArgument[] InOrder(IEnumerable<Field> fields, EmitContext context, int slot)
    {
        List<RecordedArgument> result = new();
        int offset = 0;
        foreach (Field field in fields)
        {
            int size = slot > 0 ? slot : context.Types.SizeOf(field.Type);
            result.Add(Inline(field, offset, field.Direction != Direction.Out, field.Direction != Direction.In) with { Size = size });
            offset += size;
        }

        return result.ToArray();
    }

    private static RecordedArgument[] Record(string? name, int at, EmitContext context, bool? isInput, bool? isOutput)
    {
        List<RecordedArgument> result = new();
        // Raw bytes, which a mailbox may take, have no fields.
        if (name is not null && context.Types.Find(name) is { } type) Add(type, at, "");
        return result.ToArray();

        void Add(TypeInfo record, int offset, string path)
        {
            foreach (Field field in record.Fields)
            {
                if (field.Count != 1 || field.Role is not (FieldRole.Value or FieldRole.Length)) continue;
                if (context.Types.Find(field.Type) is { Kind: TypeKind.Record } inner)
                {
                    Add(inner, offset + field.Offset, path + field.Name + ".");
                    continue;
                }

                // The short name, unless a record inside has the same one twice.
                string full = result.Any(a => a.Name == field.Name) ? path + field.Name : field.Name;
                result.Add(Inline(field, offset + field.Offset, isInput ?? field.Direction != Direction.Out, isOutput ?? field.Direction != Direction.In) with { Name = full });
            }
        }
    }

    private static RecordedArgument Inline(Field field, int offset, bool isInput, bool isOutput) => new(
        field.Name, field.Type, offset, field.Size, field.Bits?.Low ?? 0, field.Bits?.Width ?? 0, isInput, isOutput,
        field.Role == FieldRole.Length || field.Unit is not null || field.Type == "fd" || field.Type == "bool");

    // A register that carries the same thing in both directions is one argument.
    private static RecordedArgument[] Merge(IEnumerable<RecordedArgument> arguments) => arguments
        .GroupBy(a => (a.Name, a.Offset, a.LowBit, a.BitCount))
        .Select(g => g.First() with { IsInput = g.Any(a => a.IsInput), IsOutput = g.Any(a => a.IsOutput) }).ToArray();
}
