using System.Security.Cryptography;

namespace TeeIo.Pci.Spdm;

/// <summary>The keys of a session, as either end holds them. A record that isn't the next one, or isn't authentic, ends it.</summary>
public sealed class SpdmSession : IDisposable
{
    private readonly bool _isRequester;
    private readonly SpdmRecords _records;
    private readonly byte[] _handshakeSecret;
    private SpdmDirection _request;
    private SpdmDirection _response;
    private SpdmDirection? _unproven;

    /// <summary>A session in its handshake.</summary>
    /// <param name="id">Both halves of its id.</param>
    /// <param name="isRequester">Which end this is.</param>
    /// <param name="records">How records are made.</param>
    /// <param name="sharedSecret">The key exchange's secret, which is forgotten here.</param>
    /// <param name="th1">Digest of the transcript up to the signature, or up to the first proof.</param>
    /// <param name="isPreShared">Whether both ends had the secret before.</param>
    public SpdmSession(uint id, bool isRequester, SpdmRecords records, byte[] sharedSecret, ReadOnlySpan<byte> th1, bool isPreShared = false)
    {
        ArgumentNullException.ThrowIfNull(records);
        (Id, _isRequester, _records) = (id, isRequester, records);
        (IsPreShared, _handshakeSecret) = (isPreShared, records.Keys.HandshakeSecret(sharedSecret, isPreShared));
        CryptographicOperations.ZeroMemory(sharedSecret);
        _request = new SpdmDirection(records.Keys.HandshakeDirection(_handshakeSecret, isRequest: true, th1), records);
        _response = new SpdmDirection(records.Keys.HandshakeDirection(_handshakeSecret, isRequest: false, th1), records);
    }

    /// <summary>Its id: the requester's half in bits 15:0, the responder's in bits 31:16.</summary>
    public uint Id { get; }

    /// <summary>Whether it comes from a key that both ends had before.</summary>
    public bool IsPreShared { get; }

    /// <summary>Whether the handshake is over.</summary>
    public bool IsEstablished { get; private set; }

    /// <summary>Whether it has ended.</summary>
    public bool IsDead { get; private set; }

    /// <summary>Whether the keys of what comes in were changed and the other end hasn't proved yet that it has the new ones.</summary>
    public bool IsUpdating => _unproven is not null;

    private ref SpdmDirection Outgoing => ref _isRequester ? ref _request : ref _response;

    private ref SpdmDirection Incoming => ref _isRequester ? ref _response : ref _request;

    /// <summary>The requester's proof over the transcript's digest. Only during the handshake.</summary>
    public byte[] RequesterVerifyData(ReadOnlySpan<byte> transcriptDigest) => _request.VerifyData(transcriptDigest);

    /// <summary>The responder's proof over the transcript's digest. Only during the handshake.</summary>
    public byte[] ResponderVerifyData(ReadOnlySpan<byte> transcriptDigest) => _response.VerifyData(transcriptDigest);

    /// <summary>Ends the handshake: both directions begin again with keys of their own.</summary>
    /// <param name="th2">Digest of the whole handshake's transcript.</param>
    public void Establish(ReadOnlySpan<byte> th2)
    {
        byte[] master = _records.Keys.MasterSecret(_handshakeSecret);
        Replace(ref _request, new SpdmDirection(_records.Keys.DataDirection(master, isRequest: true, th2), _records));
        Replace(ref _response, new SpdmDirection(_records.Keys.DataDirection(master, isRequest: false, th2), _records));
        CryptographicOperations.ZeroMemory(master);
        CryptographicOperations.ZeroMemory(_handshakeSecret);
        IsEstablished = true;
    }

    /// <summary>Changes the keys of what comes in. The old ones stay until <see cref="ConfirmIncoming"/>, in case the other end hasn't changed its own.</summary>
    public void UpdateIncoming()
    {
        ref SpdmDirection incoming = ref Incoming;
        (_unproven, incoming) = (incoming, incoming.Next());
    }

    /// <summary>The other end has proved that it has the new keys; there is no way back to the old ones.</summary>
    public void ConfirmIncoming()
    {
        _unproven?.Dispose();
        _unproven = null;
    }

    /// <summary>Changes the keys of what goes out.</summary>
    public void UpdateOutgoing() => Replace(ref Outgoing, Outgoing.Next());

    /// <summary>Ends the session and forgets its keys.</summary>
    public void End()
    {
        IsDead = true;
        _request.Dispose();
        _response.Dispose();
        ConfirmIncoming();
        CryptographicOperations.ZeroMemory(_handshakeSecret);
    }

    /// <inheritdoc/>
    public void Dispose() => End();

    /// <summary>The most bytes of the record around a message.</summary>
    public int RecordSize(int messageLength) => Outgoing.RecordSize(messageLength);

    /// <summary>Makes this end's next record.</summary>
    /// <param name="message">The message.</param>
    /// <param name="record">Receives the record; has room for <see cref="RecordSize"/>.</param>
    /// <returns>Bytes of the record.</returns>
    /// <exception cref="InvalidOperationException">The session has ended.</exception>
    public int Seal(ReadOnlySpan<byte> message, Span<byte> record)
    {
        if (IsDead) throw new InvalidOperationException($"The SPDM session 0x{Id:X8} has ended; connect again before you send.");
        return Outgoing.Seal(Id, message, record);
    }

    /// <summary>Opens the other end's next record; one that isn't ends the session. While a change of keys isn't confirmed, a record under the old keys takes the change back.</summary>
    /// <param name="record">The record; padding may follow.</param>
    /// <param name="text">Receives what is inside; as large as the record.</param>
    /// <param name="message">The message, a part of <paramref name="text"/>.</param>
    public bool TryOpen(ReadOnlySpan<byte> record, Span<byte> text, out ReadOnlySpan<byte> message)
    {
        message = default;
        if (IsDead) return false;
        if (Incoming.TryOpen(Id, record, text, out message)) return true;
        if (_unproven is not null && _unproven.TryOpen(Id, record, text, out message))
        {
            Replace(ref Incoming, _unproven);
            _unproven = null;
            return true;
        }

        End();
        return false;
    }

    private static void Replace(ref SpdmDirection direction, SpdmDirection next)
    {
        direction.Dispose();
        direction = next;
    }
}
