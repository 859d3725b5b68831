namespace TeeIo.Sev.Firmware.Guests;

/// <summary>How far a guest is.</summary>
internal enum GuestState
{
    /// <summary>Its context exists.</summary>
    Created,

    /// <summary>Its launch has begun: pages are added.</summary>
    Launching,

    /// <summary>It can run.</summary>
    Running,
}
