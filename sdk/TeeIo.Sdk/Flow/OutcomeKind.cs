namespace TeeIo.Flow;

/// <summary>How to read the outcome of a call.</summary>
public enum OutcomeKind
{
    /// <summary>A value of zero or more, or a negated errno.</summary>
    Syscall,

    /// <summary>A status word; zero after masking is success.</summary>
    Status,

    /// <summary>An error code of a message or mailbox; zero is success.</summary>
    Code,
}
