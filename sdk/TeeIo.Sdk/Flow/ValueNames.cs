using System.Globalization;

namespace TeeIo.Flow;

/// <summary>The names of an enumeration's values, in the spec's spelling.</summary>
public sealed class ValueNames
{
    private readonly (ulong Value, string Name)[] _values;
    private readonly bool _isFlags;

    /// <summary>Names of <paramref name="values"/>.</summary>
    public ValueNames(bool isFlags, params (ulong Value, string Name)[] values) => (_isFlags, _values) = (isFlags, values);

    /// <summary>The value that <paramref name="name"/> stands for.</summary>
    public bool TryGetValue(string name, out ulong value)
    {
        foreach ((ulong candidate, string candidateName) in _values)
        {
            if (!string.Equals(candidateName, name, StringComparison.Ordinal)) continue;
            value = candidate;
            return true;
        }

        value = 0;
        return false;
    }

    /// <summary>The name of <paramref name="value"/>, several joined by <c>|</c> for flags, or the number where there is none.</summary>
    public string Format(ulong value)
    {
        foreach ((ulong candidate, string name) in _values)
        {
            if (candidate == value) return name;
        }

        if (!_isFlags) return "0x" + value.ToString("x", CultureInfo.InvariantCulture);

        var parts = new List<string>();
        ulong rest = value;
        foreach ((ulong candidate, string name) in _values)
        {
            if (candidate == 0 || (rest & candidate) != candidate) continue;
            parts.Add(name);
            rest &= ~candidate;
        }

        if (rest != 0 || parts.Count == 0) parts.Add("0x" + rest.ToString("x", CultureInfo.InvariantCulture));
        return string.Join('|', parts);
    }
}
