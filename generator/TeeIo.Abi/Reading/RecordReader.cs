using System.Collections.Generic;
using TeeIo.Abi.Model;

namespace TeeIo.Abi.Reading;

/// <summary>Reads <c>structs</c>.</summary>
internal static class RecordReader
{
    private const int HighestSize = 1 << 24;

    public static EquatableArray<RecordType> Read(MapReader spec, AbiKind kind, Provenance outer)
    {
        bool packedByDefault = kind is AbiKind.Message or AbiKind.Mailbox;
        List<RecordType> records = new();
        foreach ((string name, MapReader body) in spec.Items("structs", "struct"))
        {
            Provenance own = ProvenanceReader.Read(body, outer);
            bool packed = body.Flag("packed") ?? packedByDefault;
            int size = body.Small("size", HighestSize) ?? -1;
            (string? sizeField, int minSize) = Extensible(body);
            if (!body.Has("fields")) body.Missing("fields", "a struct lists its fields");
            records.Add(new RecordType(name, packed, size, 0, sizeField, minSize, FieldReader.Read(body, "fields", FieldPlace.Record, Direction.In, own), own, body.Text("c")));
            body.Close();
        }

        return new(records);
    }

    private static (string? SizeField, int MinSize) Extensible(MapReader body)
    {
        if (body.Map("extensible") is not { } extensible) return (null, 0);
        string field = extensible.RequiredName("size-field", "name the field that carries the caller's size");
        int? min = extensible.Small("min", HighestSize);
        if (!extensible.Has("min")) extensible.Missing("min", "give the smallest size that a server accepts");
        extensible.Close();
        return (field, min ?? 0);
    }
}
