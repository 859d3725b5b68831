using System.Globalization;

namespace TeeIo.Abi.Tool.Tests.Syzlang;

/// <summary>Where syzkaller puts fields in memory on an architecture of 64 bits: as C does.</summary>
internal sealed class SyzLayout(SyzWorld world)
{
    private const int PointerSize = 8;

    /// <summary>Bytes and alignment of a type; an array without a length has none.</summary>
    public (int Size, int Alignment) Of(SyzType type)
    {
        if (world.Structs.TryGetValue(type.Name, out SyzStruct? inner)) return (Fields(inner).Size, Alignment(inner));
        switch (type.Name)
        {
            case "ptr" or "ptr64" or "vma64": return (PointerSize, PointerSize);
            case "const" or "flags" or "len" or "bytesize": return Of(type.Options[^1]);
            case "array":
                (int size, int alignment) = Of(type.Options[0]);
                return (type.Options.Count == 1 ? 0 : size * int.Parse(type.Options[1].Name, CultureInfo.InvariantCulture), alignment);
            default:
                int scalar = world.ScalarSize(type.Name);
                return (scalar, scalar);
        }
    }

    /// <summary>Bytes of a struct or union, and where its fields are.</summary>
    public (int Size, IReadOnlyList<(string Name, int Offset)> Offsets) Fields(SyzStruct type)
    {
        List<(string, int)> offsets = [];
        int end = 0;
        int largest = 0;
        foreach (SyzField field in type.Fields)
        {
            (int size, int alignment) = Of(field.Type);
            int offset = type.IsUnion ? 0 : type.IsPacked ? end : Up(end, alignment);
            offsets.Add((field.Name, offset));
            end = offset + size;
            largest = Math.Max(largest, size);
        }

        return (Up(type.IsUnion ? largest : end, Alignment(type)), offsets);
    }

    private int Alignment(SyzStruct type) => type.IsPacked ? 1 : type.Fields.Max(f => Of(f.Type).Alignment);

    private static int Up(int value, int alignment) => (value + alignment - 1) / alignment * alignment;
}
