using System.Buffers.Binary;
using System.Security.Cryptography;

namespace TeeIo.Pci.Spdm;

/// <summary>One direction of a session: its key, and the number of its next record.</summary>
public sealed class SpdmDirection
{
    private readonly byte[] _secret;
    private readonly byte _version;
    private readonly byte[] _key;
    private readonly byte[] _iv;

    /// <summary>A direction with fresh keys, at record 0.</summary>
    /// <param name="secret">The direction's secret.</param>
    /// <param name="version">The negotiated version, which is part of each derivation.</param>
    public SpdmDirection(byte[] secret, byte version)
    {
        (_secret, _version) = (secret, version);
        (_key, _iv) = (SpdmKeySchedule.Key(secret, version), SpdmKeySchedule.Iv(secret, version));
    }

    /// <summary>Number of the next record.</summary>
    public ulong Sequence { get; private set; }

    /// <summary>The direction after a change of keys.</summary>
    public SpdmDirection Next() => new(SpdmKeySchedule.Update(_secret, _version), _version);

    /// <summary>Makes the next record around <paramref name="message"/>.</summary>
    /// <exception cref="ArgumentException">The message doesn't fit into a record.</exception>
    public byte[] Seal(uint sessionId, ReadOnlySpan<byte> message)
    {
        int length = sizeof(ushort) + message.Length + SpdmConstants.TagSize;
        if (length > ushort.MaxValue) throw new ArgumentException($"A record holds at most {ushort.MaxValue} bytes; send {message.Length} bytes in several messages.", nameof(message));
        byte[] plain = new byte[sizeof(ushort) + message.Length];
        BinaryPrimitives.WriteUInt16LittleEndian(plain, (ushort)message.Length);
        message.CopyTo(plain.AsSpan(sizeof(ushort)));
        byte[] record = new byte[SpdmRecord.ByteSize + length];
        new SpdmRecord { SessionId = sessionId, Length = (ushort)length }.Write(record);
        Span<byte> body = record.AsSpan(SpdmRecord.ByteSize);
        using AesGcm cipher = new(_key, SpdmConstants.TagSize);
        cipher.Encrypt(Nonce(), plain, body[..plain.Length], body[plain.Length..], record.AsSpan(0, SpdmRecord.ByteSize));
        Sequence++;
        return record;
    }

    /// <summary>Opens <paramref name="record"/> if it is the direction's next one. Transport padding may follow it.</summary>
    public bool TryOpen(uint sessionId, ReadOnlySpan<byte> record, out byte[] message)
    {
        message = [];
        if (!SpdmRecord.TryRead(record, out SpdmRecord header) || header.SessionId != sessionId) return false;
        int plainLength = header.Length - SpdmConstants.TagSize;
        if (plainLength < sizeof(ushort) || header.Length > record.Length - SpdmRecord.ByteSize) return false;
        ReadOnlySpan<byte> body = record.Slice(SpdmRecord.ByteSize, header.Length);
        byte[] plain = new byte[plainLength];
        byte[] nonce = Nonce();

        // The number counts up also for a record that turns out to be wrong.
        Sequence++;
        using AesGcm cipher = new(_key, SpdmConstants.TagSize);
        try
        {
            cipher.Decrypt(nonce, body[..plainLength], body[plainLength..], plain, record[..SpdmRecord.ByteSize]);
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }

        int length = BinaryPrimitives.ReadUInt16LittleEndian(plain);
        if (length > plainLength - sizeof(ushort)) return false;
        message = plain.AsSpan(sizeof(ushort), length).ToArray();
        return true;
    }

    private byte[] Nonce()
    {
        byte[] nonce = [.. _iv];
        Span<byte> low = nonce.AsSpan(0, sizeof(ulong));
        BinaryPrimitives.WriteUInt64LittleEndian(low, BinaryPrimitives.ReadUInt64LittleEndian(low) ^ Sequence);
        return nonce;
    }
}
