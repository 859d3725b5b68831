using System.Collections.Generic;
using TeeIo.Abi.Model;

namespace TeeIo.Abi.Reading;

/// <summary>Reads <c>objects</c> of ioctls and <c>interfaces</c> of ops.</summary>
internal static class OpsReader
{
    private const string ClassHint = "give the stem of the generated C# names";

    public static EquatableArray<CallObject> Objects(MapReader spec, Provenance outer)
    {
        List<CallObject> objects = new();
        foreach ((string name, MapReader body) in spec.Items("objects", "object"))
        {
            objects.Add(new CallObject(name, Class(body), SidesReader.Read(body), ProvenanceReader.Read(body, outer)));
            body.Close();
        }

        return new(objects);
    }

    public static EquatableArray<OpsInterface> Interfaces(MapReader spec, Sides? sides, string prefix, Provenance outer)
    {
        List<OpsInterface> interfaces = new();
        foreach ((string name, MapReader body) in spec.Items("interfaces", "interface"))
        {
            Provenance own = ProvenanceReader.Read(body, outer);
            Sides? ownSides = SidesReader.Read(body) ?? sides;
            if (ownSides is null) body.Missing("sides", "name the actors on its two sides, here or for the whole spec");
            if (!body.Has("ops")) body.Missing("ops", "an interface lists its operations");
            interfaces.Add(new OpsInterface(name, Class(body), body.Flag("driver") ?? false, ownSides ?? new Sides("", ""), Ops(body, prefix, own), own));
            body.Close();
        }

        return new(interfaces);
    }

    public static string Class(MapReader body)
    {
        if (body.Has("class")) return body.Text("class", CSharpNames.IsIdentifier, "the name of a C# class") ?? "";
        body.Take("class");
        return body.Missing("class", ClassHint);
    }

    private static EquatableArray<Call> Ops(MapReader owner, string prefix, Provenance outer)
    {
        List<Call> ops = new();
        foreach ((string name, MapReader body) in owner.Items("ops", "op"))
        {
            Provenance own = ProvenanceReader.Read(body, outer);
            ops.Add(new Call(
                name, CallReader.MethodName(name, body, prefix), null, false, 0, null, "", "", null, 0, null, default, null, null, null,
                FieldReader.Read(body, "in", FieldPlace.Parameter, Direction.In, own),
                FieldReader.Read(body, "out", FieldPlace.Parameter, Direction.Out, own),
                CallReader.Returns(body), CallReader.Errors(body), SidesReader.Read(body), Contract(body), own));
            body.Close();
        }

        return new(ops);
    }

    private static Contract? Contract(MapReader body)
    {
        if (body.Map("contract") is not { } map) return null;
        Contract contract = new(
            map.Texts("before"), map.Name("otherwise") ?? "EINVAL", map.Texts("after"), map.Flag("unwinds") ?? false,
            map.Texts("holds"), map.Texts("may-take"), map.Texts("must-not-hold"), map.Texts("services"));
        map.Close();
        return contract;
    }
}
