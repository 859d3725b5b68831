namespace TeeIo.Boundaries;

/// <summary>Why a request has no valid response.</summary>
public enum MessageFailure
{
    /// <summary>It has one.</summary>
    None,

    /// <summary>The responder answered with an error message.</summary>
    ErrorResponse,

    /// <summary>Nothing came back.</summary>
    NoResponse,

    /// <summary>What came back is too short, too long, of another version, or has reserved bits set.</summary>
    Malformed,

    /// <summary>What came back answers another request or another interface.</summary>
    Unexpected,
}
