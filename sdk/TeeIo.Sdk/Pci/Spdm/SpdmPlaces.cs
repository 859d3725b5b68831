namespace TeeIo.Pci.Spdm;

/// <summary>Where a request may stand.</summary>
[Flags]
internal enum SpdmPlaces
{
    /// <summary>Outside of sessions.</summary>
    Clear = 1,

    /// <summary>In a session's handshake.</summary>
    Handshake = 2,

    /// <summary>In an established session.</summary>
    Session = 4,
}
