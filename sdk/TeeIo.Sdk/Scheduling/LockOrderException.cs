namespace TeeIo.Scheduling;

/// <summary>A task broke the locking rules: a bug in a driver or in the core, found on the first run instead of as a deadlock on some later one.</summary>
public sealed class LockOrderException : InvalidOperationException
{
    /// <summary>An error without words.</summary>
    public LockOrderException()
    {
    }

    /// <summary>An error that says who broke which rule.</summary>
    public LockOrderException(string message)
        : base(message)
    {
    }

    /// <summary>An error with its cause.</summary>
    public LockOrderException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
