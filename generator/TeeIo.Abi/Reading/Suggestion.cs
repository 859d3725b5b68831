using System;
using System.Collections.Generic;
using System.Linq;

namespace TeeIo.Abi.Reading;

/// <summary>Finds what somebody may have meant.</summary>
internal static class Suggestion
{
    private const int LongestName = 64;
    private const int MostCompared = 1000;
    private const int MostListed = 40;

    /// <summary>The one of <paramref name="names"/> that <paramref name="typed"/> is a slip of, or null.</summary>
    public static string? For(string typed, IEnumerable<string> names)
    {
        if (typed.Length > LongestName) return null;
        string? best = null;
        int bestDistance = Math.Max(2, typed.Length / 3) + 1;
        foreach (string name in names.Where(n => n.Length <= LongestName))
        {
            int distance = Distance(typed, name);
            if (distance < bestDistance && distance < name.Length) (best, bestDistance) = (name, distance);
        }

        return best;
    }

    /// <summary>A sentence's end: what may have been meant, or else what there is.</summary>
    public static string Hint(string typed, IEnumerable<string> names)
    {
        string[] all = names.Where(n => n.Length <= LongestName).Take(MostCompared).ToArray();
        if (For(typed, all) is { } meant) return $"did you mean '{meant}'?";
        if (all.Length == 0) return "there is nothing to choose from";
        return "choose from " + string.Join(", ", all.Take(MostListed)) + (all.Length > MostListed ? ", …" : "");
    }

    // Levenshtein's distance, with swapped neighbours counted as one slip.
    private static int Distance(string a, string b)
    {
        int[,] d = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++) d[i, 0] = i;
        for (int j = 0; j <= b.Length; j++) d[0, j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            for (int j = 1; j <= b.Length; j++)
            {
                int change = a[i - 1] == b[j - 1] ? 0 : 1;
                d[i, j] = Math.Min(Math.Min(d[i - 1, j] + 1, d[i, j - 1] + 1), d[i - 1, j - 1] + change);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
            }
        }

        return d[a.Length, b.Length];
    }
}
