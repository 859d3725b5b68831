namespace TeeIo.Guest.Attestation;

/// <summary>What is asked of a device's mode.</summary>
public enum DeviceModeRule
{
    /// <summary>The device must tell it, be in normal operation, and not have been debugged since its reset.</summary>
    Required,

    /// <summary>The same, if the device tells it.</summary>
    IfReported,

    /// <summary>Nothing; a measurement that tells it is one like others.</summary>
    Ignored,
}
