namespace TeeIo.Platform.Kernel.Kvm;

/// <summary>Ends a guest's task whose vCPU is gone.</summary>
internal sealed class GuestKilledException : Exception
{
    public GuestKilledException()
    {
    }

    public GuestKilledException(string message)
        : base(message)
    {
    }

    public GuestKilledException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
