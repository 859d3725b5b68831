namespace TeeIo.Abi.Model;

/// <summary>What a call returns beside its outputs.</summary>
public enum CallReturn
{
    /// <summary>Nothing but success or failure.</summary>
    Nothing,

    /// <summary>A new file descriptor.</summary>
    Fd,

    /// <summary>A number.</summary>
    Value,

    /// <summary>How many bytes of the response buffer (or of the request, where there is none) were left.</summary>
    Residue,

    /// <summary>A status word.</summary>
    Status,
}
