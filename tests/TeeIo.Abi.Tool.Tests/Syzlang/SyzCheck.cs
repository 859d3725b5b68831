namespace TeeIo.Abi.Tool.Tests.Syzlang;

/// <summary>What syzkaller's compiler wants of descriptions beyond their grammar.</summary>
internal static class SyzCheck
{
    /// <summary>All that is wrong with files that are compiled together.</summary>
    public static IReadOnlyList<string> Findings(params SyzFile[] files)
    {
        List<string> findings = [.. SyzNameCheck.Findings(files)];
        SyzWorld world = new(files);
        findings.AddRange(new SyzTypeCheck(world).Findings());
        findings.AddRange(SyzConstantCheck.Findings(world));

        // Who uses what can only be told where all types are right.
        return findings.Count > 0 ? findings : [.. new SyzUseCheck(world).Findings()];
    }
}
