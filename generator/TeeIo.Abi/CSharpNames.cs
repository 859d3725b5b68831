using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace TeeIo.Abi;

/// <summary>How names of a spec become names in C#.</summary>
public static class CSharpNames
{
    private static readonly HashSet<string> _keywords = new(
        ("abstract as base bool break byte case catch char checked class const continue decimal default delegate do double else enum event explicit extern false finally fixed float for "
        + "foreach goto if implicit in int interface internal is lock long namespace new null object operator out override params private protected public readonly ref return sbyte sealed "
        + "short sizeof stackalloc static string struct switch this throw true try typeof uint ulong unchecked unsafe ushort using virtual void volatile while").Split(' '),
        StringComparer.Ordinal);

    private static readonly HashSet<string> _objectMembers = new(StringComparer.Ordinal)
    {
        "Equals", "GetHashCode", "GetType", "ToString", "Finalize", "MemberwiseClone", "ReferenceEquals",
    };

    /// <summary>Name of a record's or enumeration's type: <c>iommu_ioas_map</c> gives <c>IommuIoasMap</c>.</summary>
    public static string Type(string name) => Pascal(name);

    /// <summary>Name of an id's type: <c>ioas</c> gives <c>IoasId</c>.</summary>
    public static string Id(string name)
    {
        string pascal = Pascal(name);
        return pascal.EndsWith("Id", StringComparison.Ordinal) ? pascal : pascal + "Id";
    }

    /// <summary>Name of an enumeration's value: <c>FIXED_IOVA</c> gives <c>FixedIova</c>.</summary>
    public static string Value(string name) => Pascal(name);

    /// <summary>Name of a record's member: <c>out_ioas_id</c> gives <c>IoasId</c>.</summary>
    public static string Field(string name) => Pascal(WithoutOut(name));

    /// <summary>Name of a method's parameter: <c>out_ioas_id</c> gives <c>ioasId</c>; keywords get an <c>@</c>.</summary>
    public static string Parameter(string name)
    {
        string pascal = Pascal(WithoutOut(name));
        string camel = char.ToLowerInvariant(pascal[0]) + pascal.Substring(1);
        return _keywords.Contains(camel) ? "@" + camel : camel;
    }

    /// <summary>Name of a call's method: <c>IOMMU_IOAS_MAP</c> under the prefix <c>IOMMU_</c> gives <c>IoasMap</c>.</summary>
    public static string Method(string name, string prefix) =>
        Pascal(name.Length > prefix.Length && name.StartsWith(prefix, StringComparison.Ordinal) ? name.Substring(prefix.Length) : name);

    /// <summary>Whether every object already has a member of this name.</summary>
    public static bool IsObjectMember(string name) => _objectMembers.Contains(name);

    /// <summary>Whether <paramref name="name"/> is an identifier (of ASCII letters, digits and underscores) that is no keyword.</summary>
    public static bool IsIdentifier(string name) =>
        name.Length is > 0 and <= 128 && !IsDigit(name[0]) && name.All(c => IsLetterOrDigit(c) || c == '_') && !_keywords.Contains(name);

    /// <summary>Whether <paramref name="name"/> is one or more identifiers joined by dots.</summary>
    public static bool IsQualifiedName(string name) => name.Split('.').All(IsIdentifier);

    private static string WithoutOut(string name) => name.Length > 4 && name.StartsWith("out_", StringComparison.Ordinal) ? name.Substring(4) : name;

    private static string Pascal(string name)
    {
        StringBuilder result = new(name.Length + 1);
        int start = 0;
        while (start < name.Length)
        {
            if (!IsLetterOrDigit(name[start]))
            {
                start++;
                continue;
            }

            int end = start;
            bool hasSmall = false;
            for (; end < name.Length && IsLetterOrDigit(name[end]); end++) hasSmall |= name[end] is >= 'a' and <= 'z';
            result.Append(char.ToUpperInvariant(name[start]));
            // A word in capitals is a word, not an abbreviation to keep: MAP gives Map. One with both cases (VmId) keeps them.
            for (int i = start + 1; i < end; i++) result.Append(hasSmall ? name[i] : char.ToLowerInvariant(name[i]));
            start = end;
        }

        if (result.Length == 0 || IsDigit(result[0])) result.Insert(0, '_');
        return result.ToString();
    }

    private static bool IsDigit(char c) => c is >= '0' and <= '9';

    private static bool IsLetterOrDigit(char c) => c is >= 'a' and <= 'z' or >= 'A' and <= 'Z' or >= '0' and <= '9';
}
