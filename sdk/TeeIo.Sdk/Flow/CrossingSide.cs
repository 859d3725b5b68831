namespace TeeIo.Flow;

/// <summary>The side of a boundary on which a crossing was opened.</summary>
public enum CrossingSide
{
    /// <summary>The caller's stub.</summary>
    Client,

    /// <summary>The callee's dispatcher or decorator.</summary>
    Server,
}
