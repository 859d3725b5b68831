namespace TeeIo.Abi.Tool.Tests.Syzlang;

/// <summary>Nothing is declared twice. Types share one space of names, sets and calls have one each.</summary>
internal static class SyzNameCheck
{
    public static IEnumerable<string> Findings(IReadOnlyList<SyzFile> files) =>
    [
        .. Twice("type", files.SelectMany(f => f.Resources.Select(r => (r.Name, At(f, r.Line))).Concat(f.Structs.Select(s => (s.Name, At(f, s.Line)))))),
        .. Twice("set", files.SelectMany(f => f.Sets.Select(s => (s.Name, At(f, s.Line))))),
        .. Twice("call", files.SelectMany(f => f.Calls.Select(c => (c.Name, At(f, c.Line))))),
        .. files.SelectMany(f => Twice("include", f.Includes.Select(i => (i, f.Name)))),
        .. files.SelectMany(f => Twice("definition", f.Defines.Select(d => (d.Name, At(f, d.Line))))),
        .. files.SelectMany(f => f.Structs.SelectMany(s => Twice($"field of {s.Name}", s.Fields.Select(x => (x.Name, At(f, x.Line)))))),
        .. files.SelectMany(f => f.Calls.SelectMany(c => Twice($"argument of {c.Name}", c.Arguments.Select(x => (x.Name, At(f, x.Line)))))),
        .. files.SelectMany(f => f.Resources.Select(r => (r.Name, r.Line)).Concat(f.Structs.Select(s => (s.Name, s.Line))).Concat(f.Sets.Select(s => (s.Name, s.Line)))
            .Concat(f.Structs.SelectMany(s => s.Fields).Where(x => SyzWorld.TakenOfFields.Contains(x.Name)).Select(x => (x.Name, x.Line)))
            .Where(n => SyzWorld.Taken.Contains(n.Name)).Select(n => $"{At(f, n.Line)}: {n.Name} is syzkaller's own name")),
    ];

    private static IEnumerable<string> Twice(string what, IEnumerable<(string Name, string At)> all) =>
        all.GroupBy(a => a.Name).Where(g => g.Count() > 1).Select(g => $"{g.Last().At}: the {what} {g.Key} is there twice, first at {g.First().At}");

    private static string At(SyzFile file, int line) => $"{file.Name}:{line}";
}
