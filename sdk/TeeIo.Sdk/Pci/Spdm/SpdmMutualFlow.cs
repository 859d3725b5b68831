namespace TeeIo.Pci.Spdm;

/// <summary>How a responder learns who its requester is: it asks for the digests, then for the chain.</summary>
/// <param name="reader">Reads the chain.</param>
/// <param name="trust">Judges the chain.</param>
internal sealed class SpdmMutualFlow(SpdmChainReader reader, Func<byte[], SpdmPublicKey?> trust) : ISpdmFlow
{
    private bool _hasDigests;

    public bool IsExclusive => true;

    /// <summary>The requester's key, once its chain is trusted.</summary>
    public SpdmPublicKey? Peer { get; private set; }

    /// <summary>The requester's chain.</summary>
    public byte[] Chain => reader.Chain;

    public bool TryWrite(SpdmWriter request, byte version)
    {
        if (Peer is not null) return false;
        if (_hasDigests) reader.WriteRequest(request, version);
        else request.Begin(version, SpdmMessage.GetDigests);
        return true;
    }

    public bool TryTake(ReadOnlySpan<byte> response)
    {
        SpdmHeader.TryRead(response, out SpdmHeader header);
        if (!_hasDigests)
        {
            _hasDigests = header.Code == SpdmMessage.Digests && reader.TakeDigests(response, out _);
            return _hasDigests;
        }

        int remainder = header.Code == SpdmMessage.Certificate ? reader.TakePortion(response, out _) : -1;
        if (remainder != 0) return remainder > 0;
        Peer = reader.IsAsTold ? trust(reader.Chain) : null;
        return Peer is not null;
    }
}
