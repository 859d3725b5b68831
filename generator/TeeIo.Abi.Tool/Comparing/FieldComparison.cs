using System.Globalization;
using TeeIo.Abi.Model;

namespace TeeIo.Abi.Tool.Comparing;

/// <summary>Compares two versions of one field or operand.</summary>
internal static class FieldComparison
{
    public static IEnumerable<Change> Compare(string spec, string item, Field before, Field after)
    {
        if (before.Register != after.Register || before.Bits != after.Bits)
        {
            ChangeRule rule = before.Register is null ? ChangeRule.FieldMoved : ChangeRule.RegisterMoved;
            yield return new Change(rule, spec, item, Bits(before), Bits(after));
        }
        else if (before.Register is null && before.Offset != after.Offset)
        {
            yield return new Change(ChangeRule.FieldMoved, spec, item, $"at {Text(before.Offset)}", $"at {Text(after.Offset)}");
        }

        if (before.Size != after.Size || before.Count != after.Count) yield return new Change(ChangeRule.FieldResized, spec, item, Shape(before), Shape(after));
        else if (before.Type != after.Type) yield return new Change(ChangeRule.TypeChanged, spec, item, before.Type, after.Type);
        if (before.Role != after.Role)
        {
            ChangeRule rule = before.Role == FieldRole.Zero && after.Role != FieldRole.Ignored ? ChangeRule.ReservedUsed : ChangeRule.RoleChanged;
            yield return new Change(rule, spec, item, before.Role.ToString(), after.Role.ToString());
        }
        else if (before.Constant != after.Constant)
        {
            yield return new Change(ChangeRule.ValueChanged, spec, item, Hex.Of(before.Constant), Hex.Of(after.Constant));
        }

        if (before.Direction != after.Direction) yield return new Change(ChangeRule.DirectionChanged, spec, item, before.Direction.ToString(), after.Direction.ToString());
    }

    private static string Shape(Field field) => field.Count == 1 ? $"{field.Type} of {Text(field.Size)} bytes" : $"{field.Type}[{Text(field.Count)}] of {Text(field.Size)} bytes";

    private static string Bits(Field field) => (field.Register ?? $"at {Text(field.Offset)}") + (field.Bits is { } bits ? $" {bits}" : "");

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
