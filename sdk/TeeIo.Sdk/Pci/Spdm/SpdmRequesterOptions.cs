namespace TeeIo.Pci.Spdm;

/// <summary>What a requester says of itself, and what it insists on.</summary>
public sealed record SpdmRequesterOptions : SpdmEndOptions
{
    /// <summary>The slot whose chain it reads, and whose key must sign.</summary>
    public byte Slot { get; init; }

    /// <summary>How often it asks again where the responder says that it is busy.</summary>
    public int Retries { get; init; } = 3;

    /// <summary>A key that the responder has, too, for sessions without certificates.</summary>
    public SpdmPreSharedKey? PreSharedKey { get; init; }

    /// <summary>Who this end is, for responders that want to know; only its slots matter. Nobody if not said otherwise.</summary>
    public ISpdmIdentity? Identity { get; init; }

    internal SpdmCapabilities Capabilities =>
        SpdmCapabilities.CertCap | SpdmCapabilities.ChalCap | SpdmCapabilities.MacCap | SpdmCapabilities.KeyExCap | SpdmCapabilities.HbeatCap | SpdmCapabilities.KeyUpdCap
        | (IsAuthenticatingOnly ? 0 : SpdmCapabilities.EncryptCap) | (HasPieces ? SpdmCapabilities.ChunkCap : 0)
        | (Identity is null ? 0 : SpdmCapabilities.MutAuthCap) | SpdmCapabilities.EncapCap
        | (PreSharedKey is null ? 0 : SpdmCapabilities.PskCap);
}
