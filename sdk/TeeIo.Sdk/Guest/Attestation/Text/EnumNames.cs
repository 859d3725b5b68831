using System.Collections.Immutable;
using System.Text.Json;

namespace TeeIo.Guest.Attestation.Text;

/// <summary>Values of an enumeration by their names, exactly: no numbers, and no combinations.</summary>
internal static class EnumNames
{
    public static T Read<T>(string member, string name)
        where T : struct, Enum
    {
        string[] names = Enum.GetNames<T>();
        return names.Contains(name) ? Enum.Parse<T>(name) : throw new JsonException($"'{name}' in '{member}' isn't one of {string.Join(", ", names)}");
    }

    public static ImmutableArray<T> ReadAll<T>(string member, string[] names)
        where T : struct, Enum => [.. names.Select(name => Read<T>(member, name))];

    public static string[] Write<T>(ImmutableArray<T> values)
        where T : struct, Enum => [.. values.Select(value => value.ToString())];
}
