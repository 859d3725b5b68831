using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using TeeIo.Abi.Model;

namespace TeeIo.Abi.Layout;

/// <summary>Lays records out as C does on x86-64, and compares with what they state of themselves.</summary>
public static class LayoutEngine
{
    private const long LargestRecord = 1 << 30;

    /// <summary>Lays <paramref name="record"/> out. <paramref name="typeOf"/> gives the layout of a type that is no scalar, or null where that isn't known (which is
    /// reported elsewhere, so what depends on it isn't reported here).</summary>
    public static RecordLayout LayOut(RecordType record, Func<string, TypeLayout?> typeOf) => new RecordLayouter(record, typeOf).LayOut();

    /// <summary>Lays <paramref name="field"/>, which is outside of records, out: registers lie in a block of eight bytes each.
    /// <paramref name="registerOffset"/> gives the offset of a register that the spec declares itself, and null for the CPU's.</summary>
    public static Field LayOut(Field field, Func<string, TypeLayout?> typeOf, Func<string, int?> registerOffset)
    {
        if (field.Register is null) return field with { Offset = 0, Size = TypeOf(field.Type, typeOf)?.Size ?? 0 };
        return field with { Offset = registerOffset(field.Register) ?? 8 * Math.Max(0, Registers.IndexOf(field.Register)), Size = 8 };
    }

    private static TypeLayout? TypeOf(string name, Func<string, TypeLayout?> typeOf)
    {
        int scalar = ScalarTypes.SizeOf(name);
        return scalar > 0 ? new TypeLayout(scalar, scalar) : typeOf(name);
    }

    private sealed class RecordLayouter(RecordType record, Func<string, TypeLayout?> typeOf)
    {
        private readonly List<Field> _placed = new();
        private readonly List<LayoutProblem> _problems = new();
        private long _next;
        private long _end;
        private int _alignment = 1;
        private bool _isKnown = true;

        public RecordLayout LayOut()
        {
            for (int i = 0; i < record.Fields.Count;)
            {
                int run = BitRun(i);
                if (run == 0) Place(record.Fields[i++], null);
                else PlaceBits(i, run);
                i += run;
            }

            long size = record.Packed ? _end : RoundUp(_end, _alignment);
            if (size > LargestRecord)
            {
                Report(AbiRules.WrongValue, null, "fields", record.Name, "a record that anything could hold: its fields make more than 1 GiB");
                (size, _isKnown) = (0, false);
            }

            if (_isKnown && record.Size >= 0 && record.Size != size) Report(AbiRules.MisstatedSize, null, "size", record.Name, Text(record.Size), Text(size));
            CheckMinSize(size);
            return new RecordLayout(record with { Size = (int)size, Alignment = record.Packed ? 1 : _alignment, Fields = new(_placed) }, new(_problems));
        }

        private void Place(Field field, TypeLayout? shared)
        {
            TypeLayout? found = shared ?? TypeOf(field.Type, typeOf);
            if (found is null) _isKnown = false;
            TypeLayout type = found ?? new TypeLayout(0, 1);
            int alignment = record.Packed ? 1 : type.Alignment;
            long offset = Offset(field, alignment);
            long size = (long)type.Size * field.Count;
            bool fits = offset + size <= LargestRecord;
            _placed.Add(field with { Offset = fits ? (int)offset : 0, Size = fits ? (int)size : 0 });
            _alignment = Math.Max(_alignment, alignment);
            _next = offset + size;
            _end = Math.Max(_end, _next);
            if (field.Count == 0 && _placed.Count < record.Fields.Count) Report(AbiRules.FlexibleNotLast, field, "count", field.Name);
        }

        // Without `at:` a field follows everything before it. With it, it must be where it would be anyway, or start (or go on with) another arm of a union.
        private long Offset(Field field, int alignment)
        {
            long natural = RoundUp(_end, alignment);
            long at = field.Offset;
            if (at < 0 || at == natural || !_isKnown) return at < 0 ? natural : at;
            if (at < _end)
            {
                if (at % alignment == 0 && (at == RoundUp(_next, alignment) || _placed.Any(f => f.Offset == at))) return at;

                // It may also lie in a hole that alignment left.
                Field? hit = _placed.FirstOrDefault(f => f.Offset <= at && at < f.Offset + f.Size);
                if (at % alignment != 0 || hit is null) Report(AbiRules.MisstatedOffset, field, "at", field.Name, Text(at), Text(natural));
                else Report(AbiRules.OverlappingFields, field, "at", field.Name, hit.Name);
                return at;
            }

            if (record.Packed) Report(AbiRules.UndeclaredPadding, field, "at", field.Name, Text(at), Text(at - natural));
            else Report(AbiRules.MisstatedOffset, field, "at", field.Name, Text(at), Text(natural));
            return at;
        }

        // Bit fields that share a scalar: the first, and those that lie higher up in it.
        private int BitRun(int first)
        {
            int count = 0;
            int offset = record.Fields[first].Offset;
            for (int i = first; i < record.Fields.Count; i++)
            {
                Field field = record.Fields[i];
                bool starts = field.Bits?.Low == 0 && (field.Offset < 0 || field.Offset != offset);
                bool elsewhere = field.Offset >= 0 && offset >= 0 && field.Offset != offset;
                if (field.Bits is null || (count > 0 && (starts || elsewhere))) break;
                count++;
            }

            return count;
        }

        private void PlaceBits(int first, int count)
        {
            Field[] run = record.Fields.Skip(first).Take(count).ToArray();
            TypeLayout? widest = new TypeLayout(0, 1);
            foreach (Field field in run) widest = Wider(widest, TypeOf(field.Type, typeOf));
            long start = 0;
            ulong taken = 0;
            for (int i = 0; i < run.Length; i++)
            {
                Field field = run[i];
                if (i == 0)
                {
                    Place(field, widest);
                    start = _placed[_placed.Count - 1].Offset;
                }
                else
                {
                    _placed.Add(field with { Offset = (int)start, Size = widest?.Size ?? 0 });
                }

                BitRange bits = field.Bits!;
                if (widest is { } scalar && bits.High >= 8 * scalar.Size)
                    Report(AbiRules.NumberTooBig, field, "bits", "Bit " + Text(bits.High), Text(scalar.Size) + " bytes of '" + field.Name + "'");
                ulong mask = (bits.Width == 64 ? ulong.MaxValue : (1UL << bits.Width) - 1) << bits.Low;
                if ((taken & mask) != 0)
                    Report(AbiRules.OverlappingFields, field, "bits", field.Name, run.Take(i).First(f => f.Bits!.Low <= bits.High && bits.Low <= f.Bits.High).Name);
                taken |= mask;
            }
        }

        private static TypeLayout? Wider(TypeLayout? left, TypeLayout? right) => left is null || right is null ? null : left.Value.Size >= right.Value.Size ? left : right;

        private void CheckMinSize(long size)
        {
            int min = record.MinSize;
            if (record.SizeField is null || !_isKnown || _placed.Any(f => f.Offset + f.Size == min) || min == size) return;
            int[] ends = _placed.Select(f => f.Offset + f.Size).Distinct().OrderBy(e => Math.Abs((long)e - min)).Take(2).OrderBy(e => e).ToArray();
            Report(AbiRules.WrongMinSize, null, "extensible", Text(min), record.Name, string.Join(" and ", ends.Select(e => Text(e))));
        }

        private void Report(AbiRule rule, Field? field, string key, params string[] arguments) => _problems.Add(new LayoutProblem(rule, field?.Name, key, new(arguments)));

        private static long RoundUp(long value, int alignment) => (value + alignment - 1) / alignment * alignment;

        private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
    }
}
