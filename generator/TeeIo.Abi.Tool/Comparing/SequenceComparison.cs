using System.Globalization;
using TeeIo.Abi.Model;

namespace TeeIo.Abi.Tool.Comparing;

/// <summary>Compares the calls that operations make.</summary>
internal static class SequenceComparison
{
    public static IEnumerable<Change> Compare(AbiSpec before, AbiSpec after)
    {
        foreach ((Sequence? old, Sequence? now) in Pairs.Of(before.Sequences, after.Sequences, s => s.Name))
        {
            string item = $"sequence {(old ?? now)!.Name}";
            if (now is null) yield return new Change(ChangeRule.NameRemoved, before.Name, item, Text(old!.Steps, 0), null);
            else if (old is null) yield return new Change(ChangeRule.Added, after.Name, item, null, Text(now.Steps, 0));
            else if (Difference(old, now) is var (earlier, later)) yield return new Change(ChangeRule.SequenceChanged, after.Name, item, earlier, later);
        }
    }

    // What both begin and end with says nothing; docs don't, either.
    private static (string Before, string After)? Difference(Sequence before, Sequence after)
    {
        string[] olds = [.. before.Steps.Select(Text)];
        string[] news = [.. after.Steps.Select(Text)];
        if (olds.SequenceEqual(news)) return null;
        int head = olds.Zip(news).TakeWhile(p => p.First == p.Second).Count();
        int tail = olds.Skip(head).Reverse().Zip(news.Skip(head).Reverse()).TakeWhile(p => p.First == p.Second).Count();
        return (Text(before.Steps.Skip(head).SkipLast(tail), head), Text(after.Steps.Skip(head).SkipLast(tail), head));
    }

    private static string Text(IEnumerable<SequenceStep> steps, int before) =>
        string.Join(", ", steps.Select((s, i) => $"{(before + i + 1).ToString(CultureInfo.InvariantCulture)}: {Text(s)}").DefaultIfEmpty("nothing"));

    private static string Text(SequenceStep step) => step.Call + (step.If is null ? "" : $" (if {step.If})") + (step.Repeat is null ? "" : $" (repeat {step.Repeat})");
}
