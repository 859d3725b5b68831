using System.Collections.Generic;
using TeeIo.Abi.Model;

namespace TeeIo.Abi.Reading;

/// <summary>Reads fields of records, and arguments and results of calls.</summary>
internal static class FieldReader
{
    private const int HighestCount = 1 << 20;
    private const int HighestOffset = 1 << 24;
    private const int MostFields = 1024;
    private static readonly string[] _directions = { "in", "out", "inout" };
    private static readonly string[] _roles = { "value", "size", "zero", "ignored", "const", "length", "user-pointer", "user-memory" };

    public static EquatableArray<Field> Read(MapReader owner, string key, FieldPlace place, Direction direction, Provenance outer)
    {
        List<Field> fields = new();
        foreach (MapReader map in owner.List(key, place switch { FieldPlace.Record => "field", FieldPlace.Register or FieldPlace.OwnRegister => "register", _ => "parameter" }))
        {
            if (fields.Count == MostFields)
            {
                map.Bag.Report(AbiRules.WrongValue, map.Where, map.What, $"possible here: more than {MostFields} fields are no record");
                break;
            }

            fields.Add(ReadField(map, place, direction, outer));
            map.Close();
        }

        return new(fields);
    }

    private static Field ReadField(MapReader map, FieldPlace place, Direction direction, Provenance outer)
    {
        string name = map.RequiredName("name", "give the name that its specification uses");
        string type = map.RequiredName("type", "name a scalar, an id, an enum or a record");
        FieldRole role = Role(map);
        bool saysAll = role is not (FieldRole.Value or FieldRole.UserPointer or FieldRole.UserMemory);
        bool inRecord = place == FieldPlace.Record;
        bool isPointer = role is FieldRole.UserPointer or FieldRole.UserMemory;
        return new Field(
            name,
            type,
            inRecord ? Count(map) : 1,
            inRecord ? map.Small("at", HighestOffset) ?? -1 : 0,
            0,
            place is FieldPlace.Register or FieldPlace.OwnRegister ? Register(map, place) : null,
            place == FieldPlace.Parameter ? null : map.Bits("bits"),
            role,
            map.Choice("dir", _directions) switch { "in" => Direction.In, "out" => Direction.Out, "inout" => Direction.InOut, _ => direction },
            Constant(map, role, type),
            map.Name("to") ?? (isPointer ? "u8" : null),
            map.Name("length"),
            map.Name("in-if"),
            map.Text("unit"),
            ProvenanceReader.Read(map, outer, needsDoc: !saysAll),
            place == FieldPlace.OwnRegister && map.Flag("optional") == true,
            inRecord ? map.Text("c") : null);
    }

    private static FieldRole Role(MapReader map) =>
        map.Choice("is", _roles) switch
        {
            "size" => FieldRole.Size,
            "zero" => FieldRole.Zero,
            "ignored" => FieldRole.Ignored,
            "const" => FieldRole.Constant,
            "length" => FieldRole.Length,
            "user-pointer" => FieldRole.UserPointer,
            "user-memory" => FieldRole.UserMemory,
            _ => FieldRole.Value,
        };

    private static int Count(MapReader map)
    {
        if (map.Take("count") is Yaml.YamlScalar { Text: "flexible" }) return 0;
        int? count = map.Small("count", HighestCount);
        if (count == 0) map.Wrong("count", "0", "a count; write 'flexible' for a trailing array of any length");
        return count is null or 0 ? 1 : count.Value;
    }

    private static string Register(MapReader map, FieldPlace place)
    {
        if (!map.Has("reg")) return map.Missing("reg", "name the register that carries it");
        if (place == FieldPlace.OwnRegister) return map.Name("reg") ?? "";
        return map.Text("reg", r => Registers.IndexOf(r) >= 0, "a register (rax rcx rdx rbx rsp rbp rsi rdi r8 … r15)") ?? "";
    }

    private static ulong Constant(MapReader map, FieldRole role, string type)
    {
        ulong? value = map.Number("value");
        if (role == FieldRole.Constant && !map.Has("value")) map.Missing("value", "'is: const' always has that value");
        if (role != FieldRole.Constant && map.Has("value")) map.Wrong("value", map.Text("value") ?? "", "used here; only 'is: const' has a value");
        if (value is { } v && ScalarTypes.SizeOf(type) > 0 && !ScalarTypes.Fits(type, v))
            map.Bag.Report(AbiRules.NumberTooBig, map.SpanOf("value"), map.Text("value")!, type);
        return value ?? 0;
    }
}
