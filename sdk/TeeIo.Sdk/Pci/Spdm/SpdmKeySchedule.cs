using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace TeeIo.Pci.Spdm;

/// <summary>SPDM's key schedule with SHA-384: secrets, keys and proofs from the key exchange's secret and the digests of the transcript.</summary>
public static class SpdmKeySchedule
{
    /// <summary>The handshake's secret, from the shared secret of the key exchange.</summary>
    public static byte[] HandshakeSecret(ReadOnlySpan<byte> sharedSecret)
    {
        byte[] result = new byte[SpdmConstants.HashSize];
        HKDF.Extract(HashAlgorithmName.SHA384, sharedSecret, stackalloc byte[SpdmConstants.HashSize], result);
        return result;
    }

    /// <summary>The master secret, which the keys of an established session come from.</summary>
    public static byte[] MasterSecret(ReadOnlySpan<byte> handshakeSecret, byte version)
    {
        byte[] result = new byte[SpdmConstants.HashSize];
        byte[] salt = Expand(handshakeSecret, version, "derived", [], SpdmConstants.HashSize);
        HKDF.Extract(HashAlgorithmName.SHA384, stackalloc byte[SpdmConstants.HashSize], salt, result);
        return result;
    }

    /// <summary>A direction's secret during the handshake.</summary>
    public static byte[] HandshakeDirection(ReadOnlySpan<byte> handshakeSecret, byte version, bool isRequest, ReadOnlySpan<byte> th1) =>
        Expand(handshakeSecret, version, isRequest ? "req hs data" : "rsp hs data", th1, SpdmConstants.HashSize);

    /// <summary>A direction's secret in the established session.</summary>
    public static byte[] DataDirection(ReadOnlySpan<byte> masterSecret, byte version, bool isRequest, ReadOnlySpan<byte> th2) =>
        Expand(masterSecret, version, isRequest ? "req app data" : "rsp app data", th2, SpdmConstants.HashSize);

    /// <summary>A direction's next secret.</summary>
    public static byte[] Update(ReadOnlySpan<byte> secret, byte version) => Expand(secret, version, "traffic upd", [], SpdmConstants.HashSize);

    /// <summary>A direction's key.</summary>
    public static byte[] Key(ReadOnlySpan<byte> secret, byte version) => Expand(secret, version, "key", [], SpdmConstants.KeySize);

    /// <summary>A direction's initialization vector.</summary>
    public static byte[] Iv(ReadOnlySpan<byte> secret, byte version) => Expand(secret, version, "iv", [], SpdmConstants.IvSize);

    /// <summary>Proof that its maker has the direction's secret: over the transcript's digest, not the transcript.</summary>
    public static byte[] VerifyData(ReadOnlySpan<byte> secret, byte version, ReadOnlySpan<byte> transcriptHash) =>
        HMACSHA384.HashData(Expand(secret, version, "finished", [], SpdmConstants.HashSize), transcriptHash);

    private static byte[] Expand(ReadOnlySpan<byte> secret, byte version, string label, ReadOnlySpan<byte> context, int length)
    {
        byte[] text = Encoding.ASCII.GetBytes($"spdm{version >> 4}.{version & 0xF} {label}");
        byte[] info = new byte[sizeof(ushort) + text.Length + context.Length];
        BinaryPrimitives.WriteUInt16LittleEndian(info, (ushort)length);
        text.CopyTo(info, sizeof(ushort));
        context.CopyTo(info.AsSpan(sizeof(ushort) + text.Length));
        byte[] result = new byte[length];
        HKDF.Expand(HashAlgorithmName.SHA384, secret, result, info);
        return result;
    }
}
