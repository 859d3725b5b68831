namespace TeeIo.Boundaries;

/// <summary>How a request message ended.</summary>
/// <param name="Failure">Why there is no valid response, or <see cref="MessageFailure.None"/>.</param>
/// <param name="ErrorCode">For <see cref="MessageFailure.ErrorResponse"/>: the code that the responder sent; else 0.</param>
public readonly record struct MessageResult(MessageFailure Failure, uint ErrorCode = 0)
{
    /// <summary>A valid response came back.</summary>
    public static MessageResult Ok => default;

    /// <summary>Whether a valid response came back.</summary>
    public bool IsOk => Failure == MessageFailure.None;

    /// <summary>The responder answered with an error.</summary>
    public static MessageResult Error(uint code) => new(MessageFailure.ErrorResponse, code);
}
