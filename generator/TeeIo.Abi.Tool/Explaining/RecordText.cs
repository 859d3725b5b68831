using System.Globalization;
using TeeIo.Abi.Model;

namespace TeeIo.Abi.Tool.Explaining;

/// <summary>Reads the bytes of a record.</summary>
internal sealed class RecordText(NumberIndex index, AbiSpec spec)
{
    private const int MostElements = 8;

    /// <summary>Its fields with their values, as far as there are bytes.</summary>
    public IEnumerable<(string Name, string Value)> Read(RecordType record, byte[] bytes, string prefix = "", int start = 0)
    {
        foreach (Field field in record.Fields)
        {
            int offset = start + field.Offset;
            if (index.Record(spec, field.Type) is { } inner && field.Count == 1)
            {
                foreach ((string, string) part in Read(inner, bytes, prefix + field.Name + ".", offset)) yield return part;
                continue;
            }

            int size = field.Count > 0 ? field.Size / field.Count : 0;
            if (size is 0 or > sizeof(ulong) || offset + field.Size > bytes.Length) continue;
            IEnumerable<string> elements = Enumerable.Range(0, Math.Min(field.Count, MostElements)).Select(i => Value(field, Number(bytes.AsSpan(offset + (i * size), size))));
            yield return (prefix + field.Name, string.Join(' ', elements) + (field.Count > MostElements ? " …" : ""));
        }
    }

    private string Value(Field field, ulong raw)
    {
        ulong value = field.Bits is { } bits ? (raw >> bits.Low) & (bits.Width == 64 ? ulong.MaxValue : (1UL << bits.Width) - 1) : raw;
        if (field.Role is FieldRole.Zero) return value == 0 ? "0" : $"{Hex.Of(value)} (reserved, must be 0)";
        if (field.Role is FieldRole.Constant && value != field.Constant) return $"{Hex.Of(value)} (must be {Hex.Of(field.Constant)})";
        if (index.Enumeration(spec, field.Type) is not { } type) return value < 10 ? value.ToString(CultureInfo.InvariantCulture) : Hex.Of(value);
        if (!type.IsFlags) return type.Values.FirstOrDefault(v => v.Value == value) is { } named ? type.Prefix + named.Name : $"{Hex.Of(value)} (no {type.Name})";
        List<string> names = [];
        foreach (EnumValue flag in type.Values.Where(v => v.Value is > 0 && (value & v.Value) == v.Value))
        {
            names.Add(type.Prefix + flag.Name);
            value &= ~flag.Value!.Value;
        }

        if (value != 0 || names.Count == 0) names.Add(Hex.Of(value));
        return string.Join('|', names);
    }

    private static ulong Number(ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        for (int i = bytes.Length - 1; i >= 0; i--) value = (value << 8) | bytes[i];
        return value;
    }
}
