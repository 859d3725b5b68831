using TeeIo.Abi.Model;

namespace TeeIo.Abi.Reading;

/// <summary>Reads <c>doc</c>, <c>source</c>, <c>status</c>, <c>since</c>, <c>until</c> and <c>generation</c>; all but the first are the enclosing item's where an item is silent.</summary>
internal static class ProvenanceReader
{
    private static readonly string[] _statuses = { "upstream", "proposed", "unverified", "model" };

    public static Provenance Read(MapReader map, Provenance outer, bool needsDoc = true)
    {
        string? doc = map.Text("doc");
        if (doc is null && needsDoc && !map.Has("doc")) map.Bag.Report(AbiRules.MissingDoc, map.Where, MapReader.Capital(map.What));
        AbiStatus status = map.Choice("status", _statuses) switch
        {
            "upstream" => AbiStatus.Upstream,
            "proposed" => AbiStatus.Proposed,
            "unverified" => AbiStatus.Unverified,
            "model" => AbiStatus.Model,
            _ => outer.Status,
        };
        return new Provenance(
            doc ?? "", map.Text("source") ?? outer.Source, status, map.Text("since") ?? outer.Since, map.Text("until") ?? outer.Until, map.Name("generation") ?? outer.Generation);
    }
}
