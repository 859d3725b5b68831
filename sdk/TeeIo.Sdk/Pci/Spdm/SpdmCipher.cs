using System.Security.Cryptography;

namespace TeeIo.Pci.Spdm;

/// <summary>A cipher with its key. Encrypts and decrypts in place, and allocates nothing while it does.</summary>
internal sealed class SpdmCipher : IDisposable
{
    private readonly AesGcm? _aes;
    private readonly ChaCha20Poly1305? _chaCha;

    public SpdmCipher(AeadSuite suite, ReadOnlySpan<byte> key)
    {
        if (suite == AeadSuite.Chacha20Poly1305) _chaCha = new ChaCha20Poly1305(key);
        else _aes = new AesGcm(key, SpdmConstants.TagSize);
    }

    /// <summary>The suites that there are here, in the order in which they are preferred.</summary>
    public static IReadOnlyList<AeadSuite> All { get; } = [AeadSuite.Aes256Gcm, AeadSuite.Aes128Gcm, .. ChaCha20Poly1305.IsSupported ? [AeadSuite.Chacha20Poly1305] : Array.Empty<AeadSuite>()];

    public static int KeySize(AeadSuite suite) => suite == AeadSuite.Aes128Gcm ? SpdmConstants.Aes128KeySize : SpdmConstants.KeySize;

    public void Encrypt(ReadOnlySpan<byte> nonce, Span<byte> text, Span<byte> tag, ReadOnlySpan<byte> associated)
    {
        if (_aes is not null) _aes.Encrypt(nonce, text, text, tag, associated);
        else _chaCha!.Encrypt(nonce, text, text, tag, associated);
    }

    public bool TryDecrypt(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> cipher, ReadOnlySpan<byte> tag, Span<byte> text, ReadOnlySpan<byte> associated)
    {
        try
        {
            if (_aes is not null) _aes.Decrypt(nonce, cipher, tag, text, associated);
            else _chaCha!.Decrypt(nonce, cipher, tag, text, associated);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        _aes?.Dispose();
        _chaCha?.Dispose();
    }
}
