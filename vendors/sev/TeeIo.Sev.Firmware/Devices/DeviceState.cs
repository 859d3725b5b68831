namespace TeeIo.Sev.Firmware.Devices;

/// <summary>How far a device is. TIO_DEV_STATUS shows the number; the real ones are known nowhere.</summary>
internal enum DeviceState : byte
{
    /// <summary>Its context exists.</summary>
    Created,

    /// <summary>Session and IDE keys are there; TDIs can be made.</summary>
    Connected,

    /// <summary>It was disconnected. Only reclaiming is left.</summary>
    Disconnected,
}
