using System.Globalization;

namespace TeeIo.Abi.Tool.Tests.Syzlang;

/// <summary>Each constant has a value, one everywhere, and comes from a header or a definition.</summary>
internal static class SyzConstantCheck
{
    public static IEnumerable<string> Findings(SyzWorld world)
    {
        Dictionary<string, (ulong Value, string File)> known = [];
        foreach (SyzFile file in world.Files)
        {
            HashSet<string> used = [.. file.Sets.SelectMany(s => s.Values), .. file.Calls.SelectMany(c => c.Arguments).Concat(file.Structs.SelectMany(s => s.Fields)).SelectMany(f => Names(f.Type))];
            used.ExceptWith(SyzWorld.Theirs);
            foreach (string name in used.Except(file.Constants.Keys)) yield return $"{file.Name}: {name} has no value";
            foreach (string name in file.Constants.Keys.Except(used)) yield return $"{file.Name}.const: nothing names {name}";
            foreach (SyzNamed define in file.Defines.Where(d => !file.Constants.TryGetValue(d.Name, out ulong value) || value != Number(d.Values[0]))) yield return $"{file.Name}:{define.Line}: {define.Name} is another number in the constants";
            if (!file.Includes.Any(i => i == "uapi/linux/fcntl.h") && file.Calls.Any(c => c.Arguments.Any(a => Names(a.Type).Any(SyzWorld.Theirs.Contains)))) yield return $"{file.Name}: no header for the flags of open";
            if (file.Includes.Count < 2 && file.Constants.Keys.Except(file.Defines.Select(d => d.Name)).FirstOrDefault() is { } homeless) yield return $"{file.Name}: {homeless} comes from no header and no definition";
            foreach (SyzNamed set in file.Sets.Where(s => s.Values.Count > 1 && s.Values.Select(v => file.Constants.GetValueOrDefault(v)).Distinct().Count() == 1)) yield return $"{file.Name}:{set.Line}: all values of {set.Name} are equal";
            foreach ((string name, ulong value) in file.Constants)
            {
                if (!known.TryAdd(name, (value, file.Name)) && known[name].Value != value) yield return $"{file.Name}.const: {name} is another number in {known[name].File}.const";
            }
        }
    }

    private static IEnumerable<string> Names(SyzType type) =>
        type.Name == "const" ? type.Options.Take(1).Where(o => !o.IsNumber).Select(o => o.Name) : type.Options.SelectMany(Names);

    private static ulong Number(string text) =>
        text.StartsWith("0x", StringComparison.Ordinal) ? ulong.Parse(text[2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture) : ulong.Parse(text, CultureInfo.InvariantCulture);
}
