namespace TeeIo.Flow;

/// <summary>How a recorded argument is shown.</summary>
public enum ArgumentFormat
{
    /// <summary>Hexadecimal.</summary>
    Hex,

    /// <summary>Decimal.</summary>
    Number,

    /// <summary>A name of an enumeration, or several of a set of flags.</summary>
    Names,

    /// <summary>An object of the program, by the name that it has in the trace.</summary>
    Handle,
}
