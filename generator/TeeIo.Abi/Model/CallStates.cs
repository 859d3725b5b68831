using System.Linq;

namespace TeeIo.Abi.Model;

/// <summary>States of one kind that a call works in, or that it leaves what it works on in.</summary>
/// <param name="Enum">Name of the enumeration of states.</param>
/// <param name="Values">Names of its values; more than one where any of them will do, or where it depends.</param>
/// <param name="Else">States of other kinds that will do in place of these.</param>
public sealed record CallStates(string Enum, EquatableArray<string> Values, EquatableArray<CallStates> Else = default)
{
    /// <summary>As a text: <c>pdev-state NEW, READY or ERROR</c>.</summary>
    public override string ToString() => string.Join(", or ", Else.Select(e => e.ToString()).Prepend(Own));

    /// <summary>All of <paramref name="states"/> as a text, or null where there are none.</summary>
    public static string? Text(EquatableArray<CallStates> states) => states.Count == 0 ? null : string.Join("; ", states);

    private string Own =>
        Values.Count < 2 ? $"{Enum} {string.Join("", Values)}" : $"{Enum} {string.Join(", ", Values.Take(Values.Count - 1))} or {Values[Values.Count - 1]}";
}
