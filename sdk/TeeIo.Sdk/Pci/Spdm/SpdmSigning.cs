using System.Text;

namespace TeeIo.Pci.Spdm;

/// <summary>What SPDM signs from 1.2 on: a text with version and purpose before the transcript's digest.</summary>
public static class SpdmSigning
{
    /// <summary>Purpose of the signature in MEASUREMENTS.</summary>
    public const string Measurements = "responder-measurements signing";

    /// <summary>Purpose of the signature in KEY_EXCHANGE_RSP.</summary>
    public const string KeyExchange = "responder-key_exchange_rsp signing";

    /// <summary>The message to sign.</summary>
    /// <param name="version">The negotiated version.</param>
    /// <param name="purpose">What the signature is for.</param>
    /// <param name="transcriptHash">Digest of the transcript.</param>
    public static byte[] Message(byte version, string purpose, ReadOnlySpan<byte> transcriptHash)
    {
        string prefix = string.Concat(Enumerable.Repeat($"dmtf-spdm-v{version >> 4}.{version & 0xF}.*", SpdmConstants.SigningPrefixRepeats));
        string context = purpose.PadLeft(SpdmConstants.SigningContextSize, '\0');
        return [.. Encoding.ASCII.GetBytes(prefix + context), .. transcriptHash];
    }
}
