namespace TeeIo.Abi.Tool.Comparing;

/// <summary>Pairs items of two lists by name.</summary>
internal static class Pairs
{
    /// <summary>Each item with its namesake, in the order of <paramref name="before"/>, then those that are only in <paramref name="after"/>; null where there is none.</summary>
    public static IEnumerable<(T? Before, T? After)> Of<T>(IReadOnlyList<T> before, IReadOnlyList<T> after, Func<T, string> name)
        where T : class
    {
        ILookup<string, T> olds = before.ToLookup(name, StringComparer.Ordinal);
        ILookup<string, T> news = after.ToLookup(name, StringComparer.Ordinal);
        foreach (IGrouping<string, T> old in olds) yield return (old.First(), news[old.Key].FirstOrDefault());
        foreach (IGrouping<string, T> now in news.Where(n => !olds.Contains(n.Key))) yield return (null, now.First());
    }
}
