using System.CommandLine;
using System.Globalization;
using TeeIo.Abi.Model;
using TeeIo.Abi.Tool.Output;

namespace TeeIo.Abi.Tool.Explaining;

/// <summary><c>teeio-abi collisions</c>: one number, two meanings, across profiles and trees.</summary>
internal static class CollisionsCommand
{
    public static Command Create()
    {
        Option<DirectoryInfo?> specs = CommonOptions.Specs();
        Option<OutputFormat> format = CommonOptions.Format();
        Command command = new("collisions", "Numbers that mean different things in different profiles and trees. Exit code 0: that they collide is known, not an error.") { specs, format };
        command.SetAction(parsed => Run(SpecFolder.LoadRight(parsed.GetValue(specs)), parsed.GetValue(format), Console.Out));
        return command;
    }

    /// <summary>Lists the collisions of <paramref name="folder"/>.</summary>
    public static int Run(SpecFolder folder, OutputFormat format, TextWriter output)
    {
        IReadOnlyList<IReadOnlyList<Meaning>> collisions = [.. Find(folder.Set)];
        Section table = new("collisions", "Collisions", ["number", "name", "abi", "profile", "status", "since", "source"], [.. collisions.SelectMany(c => c).Select(m => (IReadOnlyList<string?>)
            [Hex.Of(m.Number), m.Name, m.Spec.Name, m.Profile, m.Provenance.Status.ToString().ToLowerInvariant(), m.Provenance.Since, m.Provenance.Source])]);
        Report.Write(output, format, string.Create(CultureInfo.InvariantCulture, $"{collisions.Count} numbers with more than one meaning"), table);
        return ExitCode.Ok;
    }

    /// <summary>The numbers with more than one meaning: requests by calls of different names, records or profiles, and values by C names of one prefix.</summary>
    public static IEnumerable<IReadOnlyList<Meaning>> Find(AbiSet set)
    {
        NumberIndex index = new(set);
        IEnumerable<Meaning> requests = set.Specs.SelectMany(s => s.Calls.Where(c => c.Request is not null).Select(c => index.OfRequest(c.Request!.Value).First(m => m.Spec == s && m.Name == c.Name)));
        foreach (IGrouping<ulong, Meaning> group in requests.GroupBy(m => m.Number!.Value).OrderBy(g => g.Key))
        {
            if (IsMoreThanOne(group)) yield return [.. group];
        }

        // A constant may be a value of an enumeration that another spec holds: the same name space in C.
        AbiSpec[] specs = [.. set.Specs.Where(s => s.Headers.Count > 0)];
        string[] prefixes = [.. specs.SelectMany(s => s.Enums).Where(e => e.Prefix.Length > 0 && e.CName != CNames.None).Select(e => e.Prefix).Distinct()];
        foreach (string prefix in prefixes)
        {
            IEnumerable<Meaning> values = specs.SelectMany(s => s.Enums.Where(e => e.Prefix == prefix).SelectMany(e => e.Values.Where(v => v.Value is not null && !IsAlias(v)).Select(v => Value(s, prefix + v.Name, v.Value!.Value, v.Provenance)))
                .Concat(s.Constants.Where(c => c.Name.StartsWith(prefix, StringComparison.Ordinal)).Select(c => Value(s, c.Name, c.Value, c.Provenance))));
            foreach (IGrouping<ulong, Meaning> group in values.GroupBy(m => m.Number!.Value).OrderBy(g => g.Key))
            {
                if (group.Select(m => m.Spec).Distinct().Count() > 1 && group.Select(m => m.Name).Distinct().Count() > 1) yield return [.. group];
            }
        }
    }

    private static Meaning Value(AbiSpec spec, string name, ulong number, Provenance provenance) => new(spec, "value", name, number, null, provenance);

    private static bool IsAlias(EnumValue value) => value.Attributes.Any(a => a.StartsWith("alias=", StringComparison.Ordinal));

    private static bool IsMoreThanOne(IEnumerable<Meaning> group) => group.Select(m => (m.Name, m.Record?.Size, m.Spec.Profile)).Distinct().Count() > 1;
}
