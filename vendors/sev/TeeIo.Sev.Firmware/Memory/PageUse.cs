namespace TeeIo.Sev.Firmware.Memory;

/// <summary>What the firmware uses one of its pages for.</summary>
internal enum PageUse
{
    /// <summary>Nothing that lasts: the host can take it back.</summary>
    Free,

    /// <summary>A guest's context.</summary>
    GuestContext,

    /// <summary>A device's context.</summary>
    DeviceContext,

    /// <summary>A TDI's context.</summary>
    TdiContext,
}
