using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using TeeIo.Abi.Model;

namespace TeeIo.Abi.Checking;

/// <summary>Checks that a spec and all that it uses are of one generation, as a profile's specs together are, unless the profile says what it mixes.</summary>
internal static class GenerationChecker
{
    public delegate void Reporter(SpecDocument document, AbiRule rule, string[] place, params object[] arguments);

    public static void Check(IReadOnlyList<(AbiSpec Spec, SpecDocument Document)> all, Reporter report)
    {
        Dictionary<string, AbiSpec> specs = new(StringComparer.Ordinal);
        foreach ((AbiSpec spec, _) in all) specs[spec.Name] = spec;
        foreach ((AbiSpec spec, SpecDocument document) in all)
        {
            if (spec.Mixes.Count > 0 && spec.Profile is null)
                report(document, AbiRules.MissingKey, CheckScope.At("mixes"), "A spec with 'mixes:'", "profile", "only a profile may mix generations");
            Found first = default;
            foreach (Found found in Own(spec).Concat(Used(spec, specs))) Compare(document, found, ref first, Mixes(spec, specs), report);
        }

        foreach (IGrouping<string, (AbiSpec Spec, SpecDocument Document)> profile in all.Where(s => s.Spec.Profile is not null).GroupBy(s => s.Spec.Profile!))
        {
            HashSet<string> mixes = new(profile.SelectMany(s => Mixes(s.Spec, specs)), StringComparer.Ordinal);
            Found first = default;
            foreach ((AbiSpec spec, SpecDocument document) in profile)
            {
                foreach (string generation in Reached(spec.Name, specs).SelectMany(Generations).Distinct())
                    Compare(document, new Found(generation, $"The spec '{spec.Name}'", CheckScope.At("profile")), ref first, mixes, report);
            }
        }
    }

    private static void Compare(SpecDocument document, Found found, ref Found first, HashSet<string> mixes, Reporter report)
    {
        if (first.Generation is null) first = found;
        else if (found.Generation != first.Generation && !(mixes.Contains(found.Generation) && mixes.Contains(first.Generation)))
            report(document, AbiRules.MixedGenerations, found.Place, found.What, found.Generation, first.What, first.Generation);
    }

    private static IEnumerable<Found> Own(AbiSpec spec)
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (Call call in spec.Calls)
        {
            if (call.Provenance.Generation is { } generation && seen.Add(generation)) yield return new Found(generation, $"'{call.Name}'", CheckScope.At("calls", call.Name, "generation"));
        }

        if (spec.Provenance.Generation is { } own && seen.Add(own)) yield return new Found(own, $"The spec '{spec.Name}'", CheckScope.At("generation"));
    }

    private static IEnumerable<Found> Used(AbiSpec spec, Dictionary<string, AbiSpec> specs)
    {
        for (int i = 0; i < spec.Uses.Count; i++)
        {
            string[] place = CheckScope.At("uses", i.ToString(CultureInfo.InvariantCulture));
            foreach (AbiSpec used in Reached(spec.Uses[i], specs))
            {
                foreach (string generation in Generations(used)) yield return new Found(generation, $"The spec '{used.Name}'", place);
            }
        }
    }

    private static HashSet<string> Mixes(AbiSpec spec, Dictionary<string, AbiSpec> specs) => new(Reached(spec.Name, specs).Where(s => s.Profile is not null).SelectMany(s => s.Mixes), StringComparer.Ordinal);

    private static IEnumerable<string> Generations(AbiSpec spec) =>
        spec.Calls.Select(c => c.Provenance.Generation).Append(spec.Provenance.Generation).OfType<string>().Distinct();

    private static List<AbiSpec> Reached(string name, Dictionary<string, AbiSpec> specs)
    {
        List<AbiSpec> reached = new();
        HashSet<string> seen = new(StringComparer.Ordinal);
        Stack<string> open = new();
        open.Push(name);
        while (open.Count > 0)
        {
            if (!specs.TryGetValue(open.Pop(), out AbiSpec? spec) || !seen.Add(spec.Name)) continue;
            reached.Add(spec);
            foreach (string used in spec.Uses) open.Push(used);
        }

        return reached;
    }

    private readonly record struct Found(string Generation, string What, string[] Place);
}
