using System.Text;

namespace TeeIo.Pci.Spdm;

/// <summary>What a signature in SPDM says: for what purpose, and about which transcript. From 1.2 on both are signed, before only the transcript.</summary>
/// <param name="Version">The negotiated version.</param>
/// <param name="Hash">The negotiated base hash algorithm.</param>
/// <param name="Purpose">What the signature is for: one of the constants.</param>
/// <param name="TranscriptDigest">Digest of the transcript.</param>
public readonly record struct SpdmStatement(byte Version, SpdmHash Hash, string Purpose, ReadOnlyMemory<byte> TranscriptDigest)
{
    /// <summary>Purpose of the signature in CHALLENGE_AUTH.</summary>
    public const string Challenge = "responder-challenge_auth signing";

    /// <summary>Purpose of a requester's signature in CHALLENGE_AUTH.</summary>
    public const string RequesterChallenge = "requester-challenge_auth signing";

    /// <summary>Purpose of the signature in MEASUREMENTS.</summary>
    public const string Measurements = "responder-measurements signing";

    /// <summary>Purpose of the signature in KEY_EXCHANGE_RSP.</summary>
    public const string KeyExchange = "responder-key_exchange_rsp signing";

    /// <summary>Purpose of a requester's signature in FINISH.</summary>
    public const string Finish = "requester-finish signing";

    /// <summary>Purpose of the signature in ENDPOINT_INFO.</summary>
    public const string EndpointInfo = "responder-endpoint_info signing";

    /// <summary>The text that is signed from 1.2 on: version and purpose, then the transcript's digest.</summary>
    public byte[] Text()
    {
        string prefix = string.Concat(Enumerable.Repeat($"dmtf-spdm-v{Version >> 4}.{Version & 0xF}.*", SpdmConstants.SigningPrefixRepeats));
        string context = Purpose.PadLeft(SpdmConstants.SigningContextSize, '\0');
        return [.. Encoding.ASCII.GetBytes(prefix + context), .. TranscriptDigest.Span];
    }

    /// <summary>The digest that RSA or ECDSA signs.</summary>
    public byte[] Digest() => Version < SpdmConstants.Version12 ? TranscriptDigest.ToArray() : Hash.Digest(Text());
}
