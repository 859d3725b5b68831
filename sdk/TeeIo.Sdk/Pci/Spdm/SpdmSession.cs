namespace TeeIo.Pci.Spdm;

/// <summary>The keys of a session, as either end holds them. A record that isn't the next one, or isn't authentic, ends it.</summary>
public sealed class SpdmSession
{
    private readonly bool _isRequester;
    private readonly byte _version;
    private readonly byte[] _handshakeSecret;
    private readonly byte[] _requestSecret;
    private readonly byte[] _responseSecret;
    private SpdmDirection _request;
    private SpdmDirection _response;

    /// <summary>A session in its handshake.</summary>
    /// <param name="id">Both halves of its id.</param>
    /// <param name="isRequester">Which end this is.</param>
    /// <param name="version">The negotiated version.</param>
    /// <param name="sharedSecret">The key exchange's secret.</param>
    /// <param name="th1">Digest of the transcript up to the signature.</param>
    public SpdmSession(uint id, bool isRequester, byte version, ReadOnlySpan<byte> sharedSecret, ReadOnlySpan<byte> th1)
    {
        (Id, _isRequester, _version) = (id, isRequester, version);
        _handshakeSecret = SpdmKeySchedule.HandshakeSecret(sharedSecret);
        _requestSecret = SpdmKeySchedule.HandshakeDirection(_handshakeSecret, version, isRequest: true, th1);
        _responseSecret = SpdmKeySchedule.HandshakeDirection(_handshakeSecret, version, isRequest: false, th1);
        (_request, _response) = (new SpdmDirection(_requestSecret, version), new SpdmDirection(_responseSecret, version));
    }

    /// <summary>Its id: the requester's half in bits 15:0, the responder's in bits 31:16.</summary>
    public uint Id { get; }

    /// <summary>Whether the handshake is over.</summary>
    public bool IsEstablished { get; private set; }

    /// <summary>Whether it has ended.</summary>
    public bool IsDead { get; private set; }

    /// <summary>The requester's proof over the transcript's digest.</summary>
    public byte[] RequesterVerifyData(ReadOnlySpan<byte> transcriptHash) => SpdmKeySchedule.VerifyData(_requestSecret, _version, transcriptHash);

    /// <summary>The responder's proof over the transcript's digest.</summary>
    public byte[] ResponderVerifyData(ReadOnlySpan<byte> transcriptHash) => SpdmKeySchedule.VerifyData(_responseSecret, _version, transcriptHash);

    /// <summary>Ends the handshake: both directions begin again with keys of their own.</summary>
    /// <param name="th2">Digest of the whole handshake's transcript.</param>
    public void Establish(ReadOnlySpan<byte> th2)
    {
        byte[] master = SpdmKeySchedule.MasterSecret(_handshakeSecret, _version);
        _request = new SpdmDirection(SpdmKeySchedule.DataDirection(master, _version, isRequest: true, th2), _version);
        _response = new SpdmDirection(SpdmKeySchedule.DataDirection(master, _version, isRequest: false, th2), _version);
        IsEstablished = true;
    }

    /// <summary>Changes the requests' keys.</summary>
    public void UpdateRequest() => _request = _request.Next();

    /// <summary>Changes the responses' keys.</summary>
    public void UpdateResponse() => _response = _response.Next();

    /// <summary>Ends the session.</summary>
    public void End() => IsDead = true;

    /// <summary>Makes this end's next record.</summary>
    /// <exception cref="InvalidOperationException">The session has ended.</exception>
    public byte[] Seal(ReadOnlySpan<byte> message)
    {
        if (IsDead) throw new InvalidOperationException($"The SPDM session 0x{Id:X8} has ended; connect again before you send.");
        return (_isRequester ? _request : _response).Seal(Id, message);
    }

    /// <summary>Opens the other end's next record; one that isn't ends the session.</summary>
    public bool TryOpen(ReadOnlySpan<byte> record, out byte[] message)
    {
        message = [];
        if (IsDead) return false;
        if ((_isRequester ? _response : _request).TryOpen(Id, record, out message)) return true;
        IsDead = true;
        return false;
    }
}
