using System.Globalization;
using TeeIo.Abi.Model;

namespace TeeIo.Abi.Tool.Checking;

/// <summary>How much the specs hold, by status.</summary>
internal static class Coverage
{
    /// <summary>The table's columns.</summary>
    public static IReadOnlyList<string> Columns { get; } = ["folder", "interfaces", "calls", "structs", "fields", "values", "upstream", "proposed", "unverified", "model"];

    /// <summary>A row for each folder, and the sum. The status columns count calls, structs, fields and values.</summary>
    public static IReadOnlyList<IReadOnlyList<string?>> Rows(SpecFolder folder)
    {
        var groups = folder.Specs.GroupBy(s => Folder(s.Document.Path), s => s.Spec).OrderBy(g => g.Key, StringComparer.Ordinal);
        return [.. groups.Select(g => Row(g.Key, [.. g])), Row("all", [.. folder.Set.Specs])];
    }

    private static string Folder(string path)
    {
        string[] parts = path.Split('/');
        return parts.Length > 1 ? parts[^2] + "/" : path;
    }

    private static IReadOnlyList<string?> Row(string name, IReadOnlyList<AbiSpec> specs)
    {
        Provenance[] calls = [.. specs.SelectMany(s => s.Calls.Concat(s.Interfaces.SelectMany(i => i.Ops))).Select(c => c.Provenance)];
        RecordType[] records = [.. specs.SelectMany(s => s.Records)];
        Provenance[] fields = [.. records.SelectMany(r => r.Fields).Select(f => f.Provenance)];
        Provenance[] values = [.. specs.SelectMany(s => s.Enums.SelectMany(e => e.Values).Select(v => v.Provenance).Concat(s.Constants.Select(c => c.Provenance)))];
        ILookup<AbiStatus, Provenance> byStatus = calls.Concat(records.Select(r => r.Provenance)).Concat(fields).Concat(values).ToLookup(p => p.Status);
        return
        [
            name, Text(specs.Count), Text(calls.Length), Text(records.Length), Text(fields.Length), Text(values.Length),
            .. new[] { AbiStatus.Upstream, AbiStatus.Proposed, AbiStatus.Unverified, AbiStatus.Model }.Select(s => Text(byStatus[s].Count())),
        ];
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
