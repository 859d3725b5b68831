namespace TeeIo.Boundaries;

/// <summary>How a mailbox command ended.</summary>
/// <param name="IsOk">Whether it completed without error.</param>
/// <param name="Error">The mailbox's own error code where it did not; 0 if the command never got there.</param>
public readonly record struct MailboxResult(bool IsOk, uint Error = 0)
{
    /// <summary>Completed.</summary>
    public static MailboxResult Ok => new(true);

    /// <summary>Failed with <paramref name="error"/>.</summary>
    public static MailboxResult Fail(uint error) => new(false, error);
}
