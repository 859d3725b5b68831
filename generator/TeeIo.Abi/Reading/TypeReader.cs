using System.Collections.Generic;
using System.Linq;
using TeeIo.Abi.Model;

namespace TeeIo.Abi.Reading;

/// <summary>Reads constants, ids, handles and enumerations.</summary>
internal static class TypeReader
{
    private static readonly string[] _integers = { "u8", "u16", "u32", "u64", "s8", "s16", "s32", "s64" };

    public static EquatableArray<Constant> Constants(MapReader spec, Provenance outer)
    {
        List<Constant> constants = new();
        foreach ((string name, MapReader body) in spec.Items("constants", "constant"))
        {
            ulong? value = body.Number("value");
            if (!body.Has("value")) body.Missing("value", "a constant is a named number");
            constants.Add(new Constant(name, value ?? 0, ProvenanceReader.Read(body, outer), body.Text("c")));
            body.Close();
        }

        return new(constants);
    }

    public static EquatableArray<IdType> Ids(MapReader spec, Provenance outer)
    {
        List<IdType> ids = new();
        foreach ((string name, MapReader body) in spec.Items("ids", "id"))
        {
            ids.Add(new IdType(name, body.Choice("type", _integers) ?? "u32", body.Texts("any-of"), ProvenanceReader.Read(body, outer)));
            body.Close();
        }

        return new(ids);
    }

    public static EquatableArray<HandleType> Handles(MapReader spec, Provenance outer)
    {
        List<HandleType> handles = new();
        foreach ((string name, MapReader body) in spec.Items("handles", "handle"))
        {
            string? type = body.Text("type", t => CSharpNames.IsQualifiedName(t.EndsWith("?", System.StringComparison.Ordinal) ? t.Substring(0, t.Length - 1) : t), "the name of a C# type");
            if (!body.Has("type")) body.Missing("type", "give the full name of its C# type");
            Provenance own = ProvenanceReader.Read(body, outer);
            handles.Add(new HandleType(name, type ?? "", States(body, own), own));
            body.Close();
        }

        return new(handles);
    }

    private static EquatableArray<HandleState> States(MapReader handle, Provenance outer)
    {
        List<HandleState> states = new();
        foreach ((string name, MapReader body) in handle.Items("states", "state"))
        {
            if (!CSharpNames.IsIdentifier(name)) body.Bag.Report(AbiRules.WrongValue, body.Where, name, "the name of a C# type");
            states.Add(new HandleState(name, body.Required("when", "say which state it is, as variable=value or variable=value|value"), ProvenanceReader.Read(body, outer)));
            body.Close();
        }

        return new(states);
    }

    public static EquatableArray<LockClass> Locks(MapReader spec, Provenance outer)
    {
        List<LockClass> locks = new();
        foreach ((string name, MapReader body) in spec.Items("locks", "lock"))
        {
            locks.Add(new LockClass(name, ProvenanceReader.Read(body, outer)));
            body.Close();
        }

        return new(locks);
    }

    public static EquatableArray<EnumType> Enums(MapReader spec, Provenance outer)
    {
        List<EnumType> enums = new();
        foreach ((string name, MapReader body) in spec.Items("enums", "enum"))
        {
            Provenance own = ProvenanceReader.Read(body, outer);
            string underlying = body.Choice("type", _integers) ?? "u32";
            bool flags = body.Flag("flags") ?? false;
            if (!body.Has("values")) body.Missing("values", "an enum lists its values");
            enums.Add(new EnumType(name, body.Name("c"), underlying, flags, body.Text("prefix") ?? "", body.Flag("verbatim") ?? false, Values(body, underlying, own), own));
            body.Close();
        }

        return new(enums);
    }

    private static EquatableArray<EnumValue> Values(MapReader owner, string underlying, Provenance outer)
    {
        List<EnumValue> values = new();
        foreach ((string name, MapReader body) in owner.Items("values", "value"))
        {
            (bool isThere, ulong? number) = body.NumberOrUnknown("value");
            if (!isThere) body.Missing("value", "give the number, or 'unknown' if it is public nowhere");
            if (number is { } n && !ScalarTypes.Fits(underlying, n)) body.Bag.Report(AbiRules.NumberTooBig, body.SpanOf("value"), body.Text("value")!, underlying);
            Provenance own = ProvenanceReader.Read(body, outer);
            string? cName = body.Text("c");
            values.Add(new EnumValue(name, number, new(body.Extras().Select(e => $"{e.Key}={e.Text}")), own, cName));
            body.Close();
        }

        return new(values);
    }
}
