using System.Security.Cryptography;

namespace TeeIo.Pci.Spdm;

/// <summary>What both ends have said and heard so far, as far as signatures and keys depend on it. Messages enter without transport padding.</summary>
internal sealed class SpdmTranscript
{
    private readonly List<byte> _connection = [];
    private readonly List<byte> _handshake = [];

    public void Clear()
    {
        _connection.Clear();
        _handshake.Clear();
    }

    /// <summary>Adds a request and its response from before the algorithms are settled.</summary>
    public void AddConnection(ReadOnlySpan<byte> request, ReadOnlySpan<byte> response)
    {
        _connection.AddRange(request);
        _connection.AddRange(response);
    }

    /// <summary>Digest of the connection with one signed measurement.</summary>
    public byte[] HashMeasurements(ReadOnlySpan<byte> request, ReadOnlySpan<byte> response) => SHA384.HashData([.. _connection, .. request, .. response]);

    /// <summary>Begins a handshake: the connection, the chain's digest and the key exchange up to the signature.</summary>
    public void StartHandshake(ReadOnlySpan<byte> certificateChain, ReadOnlySpan<byte> request, ReadOnlySpan<byte> response)
    {
        _handshake.Clear();
        _handshake.AddRange(_connection);
        _handshake.AddRange(SHA384.HashData(certificateChain));
        _handshake.AddRange(request);
        _handshake.AddRange(response);
    }

    public void AddHandshake(ReadOnlySpan<byte> part) => _handshake.AddRange(part);

    public byte[] HashHandshake() => SHA384.HashData([.. _handshake]);
}
