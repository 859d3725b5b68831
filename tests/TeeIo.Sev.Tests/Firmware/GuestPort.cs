using System.Buffers.Binary;
using System.Security.Cryptography;
using TeeIo.Platform.Hardware;
using TeeIo.Sev.Guest;

namespace TeeIo.Sev.Tests.Firmware;

/// <summary>The guest's end of its messages, written by hand after the facts: what a driver encrypts, and what it accepts.</summary>
internal sealed class GuestPort(byte[] key, byte index = 0)
{
    public const int HeaderSize = 0x60;

    public ulong Sequence { get; set; }

    /// <summary>Encrypts a plain message into a page.</summary>
    public byte[] Seal(byte[] message)
    {
        byte[] page = new byte[PhysicalMemory.PageSize];
        message.CopyTo(page, 0);
        BinaryPrimitives.WriteUInt64LittleEndian(page.AsSpan(0x20), Sequence + 1);
        page[0x3C] = index;
        byte[] cipherText = new byte[message.Length - HeaderSize];
        using AesGcm cipher = new(key, 16);
        cipher.Encrypt(Iv(Sequence + 1), message.AsSpan(HeaderSize), cipherText, page.AsSpan(0, 16), page.AsSpan(0x30, 48));
        cipherText.CopyTo(page, HeaderSize);
        return page;
    }

    /// <summary>Decrypts the answer to what was sealed last.</summary>
    public byte[] Open(byte[] page)
    {
        int size = BinaryPrimitives.ReadUInt16LittleEndian(page.AsSpan(0x36));
        Assert.Equal(Sequence + 2, BinaryPrimitives.ReadUInt64LittleEndian(page.AsSpan(0x20)));
        byte[] message = page[..(HeaderSize + size)];
        using AesGcm cipher = new(key, 16);
        cipher.Decrypt(Iv(Sequence + 2), page.AsSpan(HeaderSize, size), page.AsSpan(0, 16), message.AsSpan(HeaderSize), page.AsSpan(0x30, 48));
        Sequence += SnpGuestConstants.SeqnoStep;
        return message;
    }

    private static byte[] Iv(ulong sequence)
    {
        byte[] iv = new byte[12];
        BinaryPrimitives.WriteUInt64LittleEndian(iv, sequence);
        return iv;
    }
}
