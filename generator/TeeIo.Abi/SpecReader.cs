using System.Collections.Generic;
using TeeIo.Abi.Model;
using TeeIo.Abi.Reading;
using TeeIo.Abi.Yaml;

namespace TeeIo.Abi;

/// <summary>Reads the text of a spec into the model. What it can't make sense of becomes a diagnostic at its place; the rest is read all the same.</summary>
public static class SpecReader
{
    /// <summary>Reads <paramref name="text"/>, which came from <paramref name="path"/>.</summary>
    public static SpecDocument Read(string path, string text)
    {
        DiagnosticBag bag = new(path);
        YamlNode? root = YamlReader.Read(text, bag);
        SourceMap locations = YamlLocations.Of(root);
        AbiSpec? spec = null;
        if (root is YamlMap map) spec = ReadSpec(new MapReader(map, SourceSpan.Start, "the spec", null, bag));
        else if (root is not null) bag.Report(AbiRules.WrongValue, SourceSpan.Start, "this file", "a spec; it begins with 'abi: name'");
        return new SpecDocument(path, spec, locations, bag.ToArray());
    }

    private static AbiSpec? ReadSpec(MapReader map)
    {
        string name = map.RequiredName("abi", "give it a name that no other spec has");
        AbiKind? kind = Kind(map);
        // Without a kind nothing below has a meaning, and every key would look wrong.
        if (kind is not { } k) return null;

        string ns = Namespace(map);
        if (!map.Has("source")) map.Missing("source", "say where its facts come from");
        if (!map.Has("status")) map.Missing("status", "upstream, proposed, unverified or model");
        Provenance own = ProvenanceReader.Read(map, new Provenance("", "", AbiStatus.Unverified, null));
        Sides? sides = SidesReader.Read(map);
        string prefix = map.Text("call-prefix") ?? "";
        Framing framing = FramingReader.Read(map, k);
        bool ops = k == AbiKind.Ops;
        bool flow = k == AbiKind.Flow;
        AbiSpec spec = new(
            name, k, ns, own, map.Name("profile"), map.Texts("uses"), Bases(map), sides, framing,
            TypeReader.Constants(map, own),
            TypeReader.Ids(map, own),
            TypeReader.Enums(map, own),
            RecordReader.Read(map, k, own),
            k == AbiKind.Ioctl ? OpsReader.Objects(map, own) : default,
            ops ? TypeReader.Handles(map, own) : default,
            ops ? TypeReader.Locks(map, own) : default,
            ops ? OpsReader.Interfaces(map, sides, prefix, own) : default,
            ops || flow ? default : new CallReader(k, prefix, framing, own).Read(map),
            flow ? FlowReader.Read(map, own) : null,
            map.Texts("headers"),
            map.Texts("mixes"),
            SequenceReader.Read(map, own));
        map.Close();
        return spec;
    }

    private static AbiKind? Kind(MapReader map)
    {
        map.Required("kind", "ioctl, register-call, mailbox, message, ops, netlink, sysfs or flow");
        return map.Choice("kind", "ioctl", "register-call", "mailbox", "message", "ops", "netlink", "sysfs", "flow") switch
        {
            "ioctl" => AbiKind.Ioctl,
            "register-call" => AbiKind.RegisterCall,
            "mailbox" => AbiKind.Mailbox,
            "message" => AbiKind.Message,
            "ops" => AbiKind.Ops,
            "netlink" => AbiKind.Netlink,
            "sysfs" => AbiKind.Sysfs,
            "flow" => AbiKind.Flow,
            _ => null,
        };
    }

    private static string Namespace(MapReader map)
    {
        if (map.Has("namespace")) return map.Text("namespace", CSharpNames.IsQualifiedName, "a C# namespace") ?? "";
        map.Take("namespace");
        return map.Missing("namespace", "give the C# namespace of what is generated");
    }

    private static EquatableArray<ProfileBase> Bases(MapReader map)
    {
        List<ProfileBase> bases = new();
        foreach ((string spec, string text, SourceSpan span) in map.Pairs("base"))
        {
            if (AbiNumber.TryParse(text, out ulong last)) bases.Add(new ProfileBase(spec, last));
            else map.Bag.Report(AbiRules.WrongValue, span, text, "a number; give the last one that the profile takes");
        }

        return new(bases);
    }
}
