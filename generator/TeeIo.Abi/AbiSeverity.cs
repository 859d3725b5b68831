namespace TeeIo.Abi;

/// <summary>How bad a diagnostic is.</summary>
public enum AbiSeverity
{
    /// <summary>Nothing is generated from the spec until it is fixed.</summary>
    Error,

    /// <summary>Worth a look.</summary>
    Warning,
}
