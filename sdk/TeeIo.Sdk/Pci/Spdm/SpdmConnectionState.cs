namespace TeeIo.Pci.Spdm;

/// <summary>How far a connection has come. GET_VERSION begins anew from any state.</summary>
public enum SpdmConnectionState
{
    /// <summary>No version is settled.</summary>
    NotStarted,

    /// <summary>The version is settled.</summary>
    AfterVersion,

    /// <summary>Either end knows what the other can do.</summary>
    AfterCapabilities,

    /// <summary>The algorithms are settled.</summary>
    Negotiated,

    /// <summary>The responder has answered a challenge.</summary>
    Authenticated,
}
