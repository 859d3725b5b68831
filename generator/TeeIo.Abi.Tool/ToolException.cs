namespace TeeIo.Abi.Tool;

/// <summary>Something that can't be done; the message says what, where and what to do.</summary>
public sealed class ToolException : Exception
{
    /// <summary>Without a message.</summary>
    public ToolException()
    {
    }

    /// <summary>With <paramref name="message"/>.</summary>
    public ToolException(string message)
        : base(message)
    {
    }

    /// <summary>With <paramref name="message"/>, because of <paramref name="innerException"/>.</summary>
    public ToolException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
