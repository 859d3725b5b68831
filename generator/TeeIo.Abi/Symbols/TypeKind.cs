namespace TeeIo.Abi.Symbols;

/// <summary>What a name of a type stands for.</summary>
public enum TypeKind
{
    /// <summary>A typed identifier.</summary>
    Id,

    /// <summary>An enumeration or a set of flags.</summary>
    Enum,

    /// <summary>A record.</summary>
    Record,

    /// <summary>An object of the program.</summary>
    Handle,
}
