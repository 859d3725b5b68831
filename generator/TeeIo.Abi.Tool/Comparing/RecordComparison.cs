using System.Globalization;
using TeeIo.Abi.Model;

namespace TeeIo.Abi.Tool.Comparing;

/// <summary>Compares records.</summary>
internal static class RecordComparison
{
    public static IEnumerable<Change> Compare(AbiSpec before, AbiSpec after)
    {
        foreach ((RecordType? old, RecordType? now) in Pairs.Of(before.Records, after.Records, r => r.Name))
        {
            string name = (old ?? now)!.Name;
            if (now is null) yield return new Change(ChangeRule.NameRemoved, before.Name, name, Bytes(old!.Size), null);
            else if (old is null) yield return new Change(ChangeRule.Added, after.Name, name, null, Bytes(now.Size));
            else foreach (Change change in Compare(after.Name, old, now)) yield return change;
        }
    }

    /// <summary>Whether the two have the same fields at the same places.</summary>
    public static bool IsSameLayout(RecordType left, RecordType right) =>
        left.Size == right.Size && left.Fields.Select(Place).SequenceEqual(right.Fields.Select(Place));

    private static (int Offset, int Size, BitRange? Bits, int Count) Place(Field field) => (field.Offset, field.Size, field.Bits, field.Count);

    private static IEnumerable<Change> Compare(string spec, RecordType before, RecordType after)
    {
        // Who passes its size tells by it what it knows, if the rest stays where it is.
        bool isVersioned = before.SizeField is not null && after.SizeField is not null;
        if (after.Size != before.Size)
        {
            yield return new Change(
                isVersioned && after.Size > before.Size ? ChangeRule.RecordGrown : ChangeRule.RecordResized, spec, after.Name, Bytes(before.Size), Bytes(after.Size));
        }

        if (isVersioned && after.MinSize != before.MinSize)
            yield return new Change(after.MinSize > before.MinSize ? ChangeRule.MinimumRaised : ChangeRule.MinimumLowered, spec, after.Name, "at least " + Bytes(before.MinSize), "at least " + Bytes(after.MinSize));

        foreach ((Field? old, Field? now) in Pairs.Of(before.Fields, after.Fields, f => f.Name))
        {
            string item = $"{after.Name}.{(old ?? now)!.Name}";
            if (old is null) yield return Added(spec, item, before, now!, after);
            else if (now is null) yield return Removed(spec, item, old, after);
            else foreach (Change change in FieldComparison.Compare(spec, item, old, now)) yield return change;
        }
    }

    private static Change Added(string spec, string item, RecordType before, Field now, RecordType after)
    {
        string place = $"{now.Type} at {now.Offset.ToString(CultureInfo.InvariantCulture)}";
        if (now.Offset >= before.Size) return new Change(before.SizeField is null ? ChangeRule.RecordResized : ChangeRule.Added, spec, item, null, place);
        Field? there = before.Fields.FirstOrDefault(f => f.Offset <= now.Offset && now.Offset < f.Offset + f.Size);
        if (there is null or { Role: FieldRole.Ignored }) return new Change(now.Role is FieldRole.Ignored or FieldRole.Zero ? ChangeRule.Added : ChangeRule.IgnoredSpaceUsed, spec, item, there?.Name, place);
        if (there.Role == FieldRole.Zero) return new Change(now.Role == FieldRole.Zero ? ChangeRule.Added : ChangeRule.ReservedUsed, spec, item, there.Name, place);

        // The same bytes under another name, or another view of them.
        bool isGone = after.Fields.All(f => f.Name != there.Name);
        return new Change(isGone && there.Offset == now.Offset && there.Size == now.Size ? ChangeRule.Renamed : ChangeRule.Added, spec, item, there.Name, place);
    }

    private static Change Removed(string spec, string item, Field old, RecordType after)
    {
        bool isNothing = old.Role is FieldRole.Zero or FieldRole.Ignored;
        bool isRenamed = after.Fields.Any(f => f.Offset == old.Offset && f.Size == old.Size && f.Role == old.Role);
        return new Change(isNothing || isRenamed ? ChangeRule.NameRemoved : ChangeRule.FieldRemoved, spec, item, $"{old.Type} at {old.Offset.ToString(CultureInfo.InvariantCulture)}", null);
    }

    private static string Bytes(int size) => size.ToString(CultureInfo.InvariantCulture) + " bytes";
}
