using System.Buffers;

namespace TeeIo.Pci.Spdm;

/// <summary>What both ends have said and heard so far, as far as signatures depend on it. Messages enter without transport padding.</summary>
internal sealed class SpdmTranscript
{
    /// <summary>From the version to the algorithms ("A").</summary>
    public ArrayBufferWriter<byte> Connection { get; } = new();

    /// <summary>Digests and certificates that were asked for outside of sessions since the last challenge ("B").</summary>
    public ArrayBufferWriter<byte> Certificates { get; } = new();

    public void Clear()
    {
        Connection.ResetWrittenCount();
        Certificates.ResetWrittenCount();
    }

    /// <summary>What a challenge's signature is about: all of it, up to the signature.</summary>
    public byte[] DigestOfChallenge(SpdmHash hash, ReadOnlySpan<byte> request, ReadOnlySpan<byte> response) =>
        hash.Digest([.. Connection.WrittenSpan, .. Certificates.WrittenSpan, .. request, .. response]);

    /// <summary>What a measurement's signature is about: measurements since the last signed ones, and from 1.2 on the connection before them.</summary>
    public byte[] DigestOfMeasurements(SpdmSuite suite, ReadOnlySpan<byte> measurements) =>
        suite.Hash.Digest(suite.Version < SpdmConstants.Version12 ? measurements : [.. Connection.WrittenSpan, .. measurements]);

    /// <summary>What other signatures are about: the connection, then a request and its response.</summary>
    public byte[] DigestOfConnection(SpdmHash hash, ReadOnlySpan<byte> request, ReadOnlySpan<byte> response) => hash.Digest([.. Connection.WrittenSpan, .. request, .. response]);
}
