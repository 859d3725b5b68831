namespace TeeIo.Pci.Spdm;

/// <summary>How far a responder's connection has come.</summary>
internal enum SpdmConnectionState
{
    NotStarted,
    AfterVersion,
    AfterCapabilities,
    Negotiated,
}
