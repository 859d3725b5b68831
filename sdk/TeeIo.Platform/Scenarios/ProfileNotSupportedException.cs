namespace TeeIo.Platform.Scenarios;

/// <summary>A vendor's flow doesn't run under the profile that was asked for.</summary>
public sealed class ProfileNotSupportedException : NotSupportedException
{
    /// <summary>An error without words.</summary>
    public ProfileNotSupportedException()
    {
    }

    /// <summary>An error that says which profile and vendor.</summary>
    public ProfileNotSupportedException(string message)
        : base(message)
    {
    }

    /// <summary>An error with its cause.</summary>
    public ProfileNotSupportedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
