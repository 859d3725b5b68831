using System;
using System.Collections.Generic;
using System.Linq;
using TeeIo.Abi.Model;

namespace TeeIo.Abi.Checking;

/// <summary>Checks what only the whole set of specs can tell: that names are unique, and numbers inside each profile.</summary>
public static class SetChecker
{
    /// <summary>Checks <paramref name="specs"/>, which were read from <paramref name="documents"/> (in the same order).</summary>
    public static EquatableArray<AbiDiagnostic> Check(IReadOnlyList<SpecDocument> documents, IReadOnlyList<CheckedSpec> specs)
    {
        List<(AbiSpec Spec, SpecDocument Document)> all = new();
        for (int i = 0; i < specs.Count; i++)
        {
            if (specs[i].Spec is { } spec) all.Add((spec, documents[i]));
        }

        List<AbiDiagnostic> diagnostics = new();
        CheckScope.ForEachTwin(all, s => s.Spec.Name, (first, second) =>
            Report(diagnostics, second.Document, AbiRules.DuplicateName, CheckScope.At("abi"), "The spec", second.Spec.Name, $" in {first.Document.Path}"));
        foreach (string profile in all.Select(s => s.Spec.Profile).OfType<string>().Distinct()) CheckProfile(profile, all, diagnostics);
        GenerationChecker.Check(all, (document, rule, place, arguments) => Report(diagnostics, document, rule, place, arguments));
        return new(diagnostics);
    }

    private static void CheckProfile(string profile, List<(AbiSpec Spec, SpecDocument Document)> all, List<AbiDiagnostic> diagnostics)
    {
        Dictionary<string, ulong> ends = new(StringComparer.Ordinal);
        foreach (ProfileBase profileBase in all.Where(s => s.Spec.Profile == profile).SelectMany(s => s.Spec.Bases)) ends[profileBase.Spec] = profileBase.LastNumber;

        HashSet<string> replaced = new(all.Where(s => s.Spec.Profile == profile).SelectMany(s => s.Spec.Calls).Select(c => c.Replaces).OfType<string>());

        // The profile's own specs come last, so that a clash is reported in them.
        var calls = all.Where(s => s.Spec.Kind == AbiKind.Ioctl && (s.Spec.Profile is null || s.Spec.Profile == profile))
            .OrderBy(s => s.Spec.Profile is null ? 0 : 1)
            .SelectMany(s => s.Spec.Calls.Where(c => c.Request is not null && !(s.Spec.Profile is null && replaced.Contains(c.Name)) && !(ends.TryGetValue(s.Spec.Name, out ulong last) && c.Number > last)).Select(c => (s.Spec, s.Document, Call: c)));
        CheckScope.ForEachTwin(calls, c => (Object(c.Spec, c.Call), c.Call.Request!.Value), (first, second) =>
        {
            // Inside one spec it is the spec's own affair, and two bases clash whatever the profile.
            if (first.Spec.Name == second.Spec.Name || second.Spec.Profile is null) return;
            Report(
                diagnostics, second.Document, AbiRules.ProfileClash, CheckScope.At("calls", second.Call.Name, "nr"),
                profile, $"'{second.Call.Name}'", CallChecker.Hex(second.Call.Number!.Value), $"'{first.Call.Name}'", first.Spec.Name);
        });
    }

    // A call without `on:` goes to the only object that its spec has.
    private static string Object(AbiSpec spec, Call call) => call.On.Length > 0 || spec.Objects.Count != 1 ? call.On : spec.Objects[0].Name;

    private static void Report(List<AbiDiagnostic> diagnostics, SpecDocument document, AbiRule rule, string[] place, params object[] arguments)
    {
        DiagnosticBag bag = new(document.Path);
        bag.Report(rule, document.Locations.Find(place), arguments);
        diagnostics.AddRange(bag.ToArray());
    }
}
