namespace TeeIo.Platform.Kernel;

/// <summary>A process touched a mapping that has nothing behind it now, as a device's BAR while the device is locked or its memory decoding is off (SIGBUS).</summary>
public sealed class BusErrorException : InvalidOperationException
{
    /// <summary>An error without words.</summary>
    public BusErrorException()
    {
    }

    /// <summary>An error that says where.</summary>
    public BusErrorException(string message)
        : base(message)
    {
    }

    /// <summary>An error with its cause.</summary>
    public BusErrorException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
