namespace TeeIo.Abi.Tool.Importing;

/// <summary>Kinds of <see cref="ImportFinding"/>.</summary>
internal enum ImportKind
{
    /// <summary>The spec lacked it and has it now.</summary>
    Added,

    /// <summary>The spec had another number.</summary>
    Changed,

    /// <summary>Its user must write it.</summary>
    ByHand,

    /// <summary>The spec has it and the header doesn't; nothing is removed.</summary>
    NotInHeader,
}
