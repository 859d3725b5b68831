using System.Buffers.Binary;
using System.Security.Cryptography;

namespace TeeIo.Pci.Spdm;

/// <summary>One direction of a session: its key, and the number of its next record. Making and opening records allocates nothing.</summary>
public sealed class SpdmDirection : IDisposable
{
    private readonly SpdmRecords _records;
    private readonly byte[] _secret;
    private readonly byte[] _iv;
    private readonly SpdmCipher _cipher;

    /// <summary>A direction with fresh keys, at record 0.</summary>
    /// <param name="secret">The direction's secret, which is this one's to forget.</param>
    /// <param name="records">How records are made.</param>
    public SpdmDirection(byte[] secret, SpdmRecords records)
    {
        ArgumentNullException.ThrowIfNull(records);
        (_secret, _records, _iv) = (secret, records, records.Keys.Iv(secret));
        byte[] key = records.Keys.Key(secret, records.Suite.Cipher);
        _cipher = new SpdmCipher(records.Suite.Cipher, key);
        CryptographicOperations.ZeroMemory(key);
    }

    /// <summary>Number of the next record.</summary>
    public ulong Sequence { get; private set; }

    /// <summary>The direction after a change of keys.</summary>
    public SpdmDirection Next() => new(_records.Keys.Update(_secret), _records);

    /// <summary>Proof that its maker has this direction's secret.</summary>
    public byte[] VerifyData(ReadOnlySpan<byte> transcriptDigest) => _records.Keys.VerifyData(_secret, transcriptDigest);

    /// <summary>The most bytes of the record around a message.</summary>
    public int RecordSize(int messageLength) => _records.HeaderSize + TextSize(messageLength) + (_records.IsEncrypted ? _records.Binding.MaxRandom : 0) + SpdmConstants.TagSize;

    /// <summary>Makes the next record around <paramref name="message"/>.</summary>
    /// <param name="sessionId">The session.</param>
    /// <param name="message">The message.</param>
    /// <param name="record">Receives the record; has room for <see cref="RecordSize"/>.</param>
    /// <returns>Bytes of the record.</returns>
    /// <exception cref="ArgumentException">The message doesn't fit into a record.</exception>
    /// <exception cref="InvalidOperationException">All numbers of records are used up; change the keys before that.</exception>
    public int Seal(uint sessionId, ReadOnlySpan<byte> message, Span<byte> record)
    {
        if (Sequence == ulong.MaxValue) throw new InvalidOperationException("This key has sealed as many records as it may; update the session's keys.");
        int inner = _records.Binding.InnerSize;
        int random = _records.IsEncrypted && _records.Binding.MaxRandom > 0 ? _records.Random.Next(1, _records.Binding.MaxRandom + 1) : 0;
        int textLength = TextSize(message.Length) + random;
        int length = textLength + SpdmConstants.TagSize;
        if (length > ushort.MaxValue) throw new ArgumentException($"A record holds at most {ushort.MaxValue} bytes; send {message.Length} bytes in several messages.", nameof(message));
        WriteHeader(record, sessionId, (ushort)length);
        Span<byte> text = record.Slice(_records.HeaderSize, textLength);
        Span<byte> rest = text;
        if (_records.IsEncrypted)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(text, (ushort)(inner + message.Length));
            rest = text[sizeof(ushort)..];
        }

        _records.Binding.WriteInner(rest, message.Length);
        message.CopyTo(rest[inner..]);
        _records.Random.NextBytes(rest[(inner + message.Length)..]);
        Span<byte> nonce = stackalloc byte[SpdmConstants.IvSize];
        FillNonce(nonce);
        Span<byte> tag = record.Slice(_records.HeaderSize + textLength, SpdmConstants.TagSize);
        if (_records.IsEncrypted) _cipher.Encrypt(nonce, text, tag, record[.._records.HeaderSize]);
        else _cipher.Encrypt(nonce, [], tag, record[..(_records.HeaderSize + textLength)]);
        Sequence++;
        return _records.HeaderSize + length;
    }

    /// <summary>Opens <paramref name="record"/> if it is the direction's next one. Transport padding may follow it.</summary>
    /// <param name="sessionId">The session.</param>
    /// <param name="record">The record.</param>
    /// <param name="text">Receives what is inside; as large as the record.</param>
    /// <param name="message">The message, a part of <paramref name="text"/>.</param>
    public bool TryOpen(uint sessionId, ReadOnlySpan<byte> record, Span<byte> text, out ReadOnlySpan<byte> message)
    {
        message = default;
        if (Sequence == ulong.MaxValue || !TryReadHeader(record, out uint id, out int length) || id != sessionId) return false;
        int textLength = length - SpdmConstants.TagSize;
        if (textLength < (_records.IsEncrypted ? sizeof(ushort) : 0) || length > record.Length - _records.HeaderSize) return false;
        ReadOnlySpan<byte> body = record.Slice(_records.HeaderSize, textLength);
        ReadOnlySpan<byte> tag = record.Slice(_records.HeaderSize + textLength, SpdmConstants.TagSize);
        Span<byte> nonce = stackalloc byte[SpdmConstants.IvSize];
        FillNonce(nonce);
        Sequence++; // also for a record that turns out to be wrong
        if (!_records.IsEncrypted)
        {
            body.CopyTo(text);
            return _cipher.TryDecrypt(nonce, [], tag, [], record[..(_records.HeaderSize + textLength)]) && _records.Binding.TryReadInner(text[..textLength], out message);
        }

        text = text[..textLength];
        if (!_cipher.TryDecrypt(nonce, body, tag, text, record[.._records.HeaderSize])) return false;
        int inside = BinaryPrimitives.ReadUInt16LittleEndian(text);
        return inside <= textLength - sizeof(ushort) && _records.Binding.TryReadInner(text.Slice(sizeof(ushort), inside), out message);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_secret);
        CryptographicOperations.ZeroMemory(_iv);
        _cipher.Dispose();
    }

    private int TextSize(int messageLength) => (_records.IsEncrypted ? sizeof(ushort) : 0) + _records.Binding.InnerSize + messageLength;

    private void WriteHeader(Span<byte> record, uint sessionId, ushort length)
    {
        if (_records.Binding.HasSequence) new SpdmRecordSequenced { SessionId = sessionId, Sequence = (ushort)Sequence, Length = length }.Write(record);
        else new SpdmRecord { SessionId = sessionId, Length = length }.Write(record);
    }

    private bool TryReadHeader(ReadOnlySpan<byte> record, out uint sessionId, out int length)
    {
        bool isRead;
        if (_records.Binding.HasSequence)
        {
            isRead = SpdmRecordSequenced.TryRead(record, out SpdmRecordSequenced header) && header.Sequence == (ushort)Sequence;
            (sessionId, length) = (header.SessionId, header.Length);
        }
        else
        {
            isRead = SpdmRecord.TryRead(record, out SpdmRecord header);
            (sessionId, length) = (header.SessionId, header.Length);
        }

        return isRead;
    }

    private void FillNonce(Span<byte> nonce)
    {
        _iv.CopyTo(nonce);
        BinaryPrimitives.WriteUInt64LittleEndian(nonce, BinaryPrimitives.ReadUInt64LittleEndian(nonce) ^ Sequence);
    }
}
