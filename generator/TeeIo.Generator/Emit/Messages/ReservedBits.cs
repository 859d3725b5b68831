using System;
using System.Collections.Generic;
using System.Linq;
using TeeIo.Abi.Model;
using TeeIo.Abi.Symbols;

namespace TeeIo.Generator.Emit.Messages;

/// <summary>The bits of a message that have one value always: reserved ones, and constants.</summary>
internal static class ReservedBits
{
    /// <summary>C# that says whether <c>message</c>, as long as <paramref name="record"/> or longer, has them right.</summary>
    public static IReadOnlyList<string> Tests(TypeInfo record, EmitContext context)
    {
        byte[] mask = new byte[record.Size];
        byte[] value = new byte[record.Size];
        Mark(record, 0, context, mask, value);
        List<string> tests = new();
        for (int at = 0; at < mask.Length;)
        {
            int run = 0;
            while (at + run < mask.Length && mask[at + run] == 0xFF && value[at + run] == 0) run++;
            if (run > 1) tests.Add($"message.Slice({at}, {run}).IndexOfAnyExcept((byte)0) < 0");
            else if (mask[at] == 0xFF) tests.Add($"message[{at}] == {Number(value[at])}");
            else if (mask[at] != 0) tests.Add($"(message[{at}] & {Literal.Hex(mask[at])}) == {Number(value[at])}");
            at += Math.Max(1, run);
        }

        return tests;
    }

    private static string Number(byte value) => value == 0 ? "0" : Literal.Hex(value);

    private static void Mark(TypeInfo record, int start, EmitContext context, byte[] mask, byte[] value)
    {
        foreach (Field field in record.Fields.Where(f => f.Count > 0))
        {
            TypeInfo? type = context.Types.Find(field.Type);
            int size = field.Size / field.Count;
            for (int i = 0; i < field.Count; i++)
            {
                int at = start + field.Offset + (i * size);
                if (type?.Kind == TypeKind.Record && field.Role == FieldRole.Value) Mark(type, at, context, mask, value);
                else if (field.Role is FieldRole.Zero or FieldRole.Constant) MarkField(field, at, size, mask, value);
            }
        }
    }

    private static void MarkField(Field field, int at, int size, byte[] mask, byte[] value)
    {
        for (int bit = 0; bit < 8 * size; bit++)
        {
            if (field.Bits is { } bits && (bit < bits.Low || bit > bits.High)) continue;
            int low = field.Bits?.Low ?? 0;
            mask[at + (bit / 8)] |= (byte)(1 << (bit % 8));
            if (field.Role == FieldRole.Constant && bit - low < 64 && ((field.Constant >> (bit - low)) & 1) != 0) value[at + (bit / 8)] |= (byte)(1 << (bit % 8));
        }
    }
}
