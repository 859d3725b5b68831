namespace TeeIo.Abi.Tool.Tests.Syzlang;

/// <summary>A type as it is written, or one of its options: a name, a number or a string in quotes, and options in brackets.</summary>
internal sealed record SyzType(string Name, IReadOnlyList<SyzType> Options)
{
    /// <summary>Whether it is a number.</summary>
    public bool IsNumber => char.IsAsciiDigit(Name[0]);

    /// <summary>Whether it is a string.</summary>
    public bool IsString => Name[0] == '"';
}
