namespace TeeIo.Guest.Attestation;

/// <summary>A policy's file isn't one. The message says where and why.</summary>
public sealed class AttestationPolicyException : Exception
{
    /// <summary>An error without words.</summary>
    public AttestationPolicyException()
    {
    }

    /// <summary>An error that says where and why.</summary>
    public AttestationPolicyException(string message)
        : base(message)
    {
    }

    /// <summary>An error with its cause.</summary>
    public AttestationPolicyException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
