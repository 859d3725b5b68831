namespace TeeIo.Tdx.Module.Devices;

/// <summary>How far an IDE stream is.</summary>
internal enum IdeStreamState
{
    /// <summary>Its registers are set; no keys.</summary>
    Configured,

    /// <summary>Both ends have keys and use them.</summary>
    Enabled,

    /// <summary>The device's end was stopped.</summary>
    Stopped,

    /// <summary>Nothing passes any more. TDIs can be removed, and then the stream.</summary>
    Blocked,
}
