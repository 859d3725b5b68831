namespace TeeIo.Abi.Model;

/// <summary>Who writes a field, seen from the caller.</summary>
public enum Direction
{
    /// <summary>The caller.</summary>
    In,

    /// <summary>The callee.</summary>
    Out,

    /// <summary>Both.</summary>
    InOut,
}
