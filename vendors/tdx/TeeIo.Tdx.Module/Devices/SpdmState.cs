namespace TeeIo.Tdx.Module.Devices;

/// <summary>How far an SPDM session is.</summary>
internal enum SpdmState
{
    /// <summary>Its context exists.</summary>
    Created,

    /// <summary>The session is up; IDE streams and TDIs can be made.</summary>
    Connected,

    /// <summary>It has ended, or broke. Only deleting is left.</summary>
    Disconnected,
}
