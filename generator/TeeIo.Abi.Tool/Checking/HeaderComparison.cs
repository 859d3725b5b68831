using TeeIo.Abi.Tool.Headers;

namespace TeeIo.Abi.Tool.Checking;

/// <summary>The specs held against one folder of headers.</summary>
/// <param name="Headers">The folder.</param>
/// <param name="Version">Its kernel, or null where that isn't known.</param>
/// <param name="Agreeing">How many facts are the same.</param>
/// <param name="Differences">Facts that the header contradicts, and why.</param>
/// <param name="Lacking">Facts that the header doesn't have; by the spec they are younger, or it doesn't say.</param>
internal sealed record HeaderComparison(
    string Headers, Version? Version, int Agreeing, IReadOnlyList<HeaderDifference> Differences, IReadOnlyList<HeaderFact> Lacking)
{
    /// <summary>Compares.</summary>
    /// <exception cref="ToolException">The compiler can't be run, or the headers don't compile.</exception>
    public static HeaderComparison Of(SpecFolder folder, string headers, string compiler)
    {
        if (!Directory.Exists(headers)) throw new ToolException($"{headers} isn't there; name a folder that has linux/ below it, such as /usr/include");
        IReadOnlyList<HeaderFact> facts = HeaderFacts.Of(folder);
        return Of(headers, HeaderVersion.Of(headers), facts, new HeaderProbe(compiler, Path.GetFullPath(headers)).Values(HeaderFacts.Headers(folder), [.. facts.Select(f => f.Expression)]));
    }

    /// <summary>Compares <paramref name="facts"/> with the <paramref name="values"/> that the headers have for them, null where they have none.</summary>
    public static HeaderComparison Of(string headers, Version? version, IReadOnlyList<HeaderFact> facts, IReadOnlyList<ulong?> values)
    {
        List<HeaderDifference> differences = [];
        List<HeaderFact> lacking = [];
        HashSet<string> gone = new(StringComparer.Ordinal);
        int agreeing = 0;
        for (int i = 0; i < facts.Count; i++)
        {
            HeaderFact fact = facts[i];
            Version? since = HeaderVersion.Parse(fact.Since);
            Version? until = HeaderVersion.Parse(fact.Until);
            if (values[i] is not { } value)
            {
                // Of a record that isn't there at all one line is enough.
                if (fact.Owner is { } owner && gone.Contains(owner)) continue;
                gone.Add(fact.CName);
                bool isOver = until is not null && until <= version;
                if (version is not null && since is not null && since <= version && !isOver) differences.Add(new HeaderDifference(fact, null, $"the spec says since {fact.Since}"));
                else lacking.Add(fact);
            }
            else if (value != fact.ExpectedIn(version))
            {
                differences.Add(new HeaderDifference(fact, value, "another value"));
            }
            else if (version is not null && since is not null && since > version)
            {
                differences.Add(new HeaderDifference(fact, value, $"the spec says since {fact.Since}"));
            }
            else
            {
                agreeing++;
            }
        }

        return new HeaderComparison(headers, version, agreeing, differences, lacking);
    }
}
