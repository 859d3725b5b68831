namespace TeeIo.Vmm;

/// <summary>The VMM can't set its VM up: a file that can't be opened, a region that can't be mapped.</summary>
public sealed class VmmException : InvalidOperationException
{
    /// <summary>An error without words.</summary>
    public VmmException()
    {
    }

    /// <summary>An error that says what failed and what to do.</summary>
    public VmmException(string message)
        : base(message)
    {
    }

    /// <summary>An error with its cause.</summary>
    public VmmException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
