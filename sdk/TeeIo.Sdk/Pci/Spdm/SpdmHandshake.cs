using System.Buffers;
using System.Security.Cryptography;

namespace TeeIo.Pci.Spdm;

/// <summary>A session's handshake as either end follows it: what was said, and what that proves.</summary>
internal sealed class SpdmHandshake
{
    private readonly ArrayBufferWriter<byte> _transcript = new();
    private readonly SpdmHash _hash;

    /// <summary>Begins with the connection, the chain's digest if a chain takes part, and the key exchange up to the signature or the first proof.</summary>
    public SpdmHandshake(SpdmConnection connection, ReadOnlySpan<byte> chain, ReadOnlySpan<byte> request, ReadOnlySpan<byte> response)
    {
        _hash = connection.Suite.Hash;
        _transcript.Write(connection.Transcript.Connection.WrittenSpan);
        if (!chain.IsEmpty) _transcript.Write(_hash.Digest(chain));
        _transcript.Write(request);
        _transcript.Write(response);
    }

    public byte[] Digest => _hash.Digest(_transcript.WrittenSpan);

    public void Add(ReadOnlySpan<byte> part) => _transcript.Write(part);

    /// <summary>Whether <paramref name="proof"/> is the one that was <paramref name="expected"/>, in a time that tells nothing; then it belongs to the transcript.</summary>
    public bool TryAddProof(ReadOnlySpan<byte> proof, ReadOnlySpan<byte> expected)
    {
        bool isRight = CryptographicOperations.FixedTimeEquals(proof, expected);
        if (isRight) Add(proof);
        return isRight;
    }
}
