using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace TeeIo.Platform.Hardware;

/// <summary>The memory controller's cipher under one key: AES with a tweak made of each block's address, so that equal plaintext never looks equal at two places.</summary>
internal sealed class MemoryCipher : IDisposable
{
    public const int BlockSize = 16;

    private readonly Aes _data = Aes.Create();
    private readonly Aes _tweak = Aes.Create();

    public MemoryCipher(Random random)
    {
        Span<byte> key = stackalloc byte[32];
        random.NextBytes(key);
        _data.SetKey(key);
        random.NextBytes(key);
        _tweak.SetKey(key);
    }

    /// <summary>Deciphers whole blocks that begin at <paramref name="address"/>.</summary>
    public void Decrypt(ulong address, Span<byte> blocks)
    {
        byte[] tweak = Tweak(address, blocks.Length);
        Xor(blocks, tweak);
        _data.DecryptEcb(blocks, blocks, PaddingMode.None);
        Xor(blocks, tweak);
    }

    /// <summary>Enciphers whole blocks that begin at <paramref name="address"/>.</summary>
    public void Encrypt(ulong address, Span<byte> blocks)
    {
        byte[] tweak = Tweak(address, blocks.Length);
        Xor(blocks, tweak);
        _data.EncryptEcb(blocks, blocks, PaddingMode.None);
        Xor(blocks, tweak);
    }

    public void Dispose()
    {
        _data.Dispose();
        _tweak.Dispose();
    }

    private byte[] Tweak(ulong address, int length)
    {
        var tweak = new byte[length];
        for (int i = 0; i < length; i += BlockSize) BinaryPrimitives.WriteUInt64LittleEndian(tweak.AsSpan(i), address + (ulong)i);
        _tweak.EncryptEcb(tweak, tweak, PaddingMode.None);
        return tweak;
    }

    private static void Xor(Span<byte> blocks, ReadOnlySpan<byte> tweak)
    {
        Span<ulong> words = MemoryMarshal.Cast<byte, ulong>(blocks);
        ReadOnlySpan<ulong> mask = MemoryMarshal.Cast<byte, ulong>(tweak);
        for (int i = 0; i < words.Length; i++) words[i] ^= mask[i];
    }
}
