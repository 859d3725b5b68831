using System.Buffers.Binary;
using System.Text;

namespace TeeIo.Pci.Spdm;

/// <summary>SPDM's key schedule: secrets, keys and proofs from the key exchange's secret and the digests of the transcript.</summary>
/// <param name="hash">The negotiated hash algorithm.</param>
/// <param name="version">The negotiated version, which is part of each derivation.</param>
public sealed class SpdmKeySchedule(SpdmHash hash, byte version)
{
    /// <summary>The handshake's secret, from the shared secret of the key exchange or from a key that both ends had before.</summary>
    public byte[] HandshakeSecret(ReadOnlySpan<byte> sharedSecret, bool isPreShared = false)
    {
        byte[] salt = new byte[hash.Size];
        if (isPreShared && version >= SpdmConstants.Version13) salt.AsSpan().Fill(byte.MaxValue);
        return hash.Extract(sharedSecret, salt);
    }

    /// <summary>The master secret, which the keys of an established session come from.</summary>
    public byte[] MasterSecret(ReadOnlySpan<byte> handshakeSecret) => hash.Extract(new byte[hash.Size], Expand(handshakeSecret, "derived", [], hash.Size));

    /// <summary>A direction's secret during the handshake.</summary>
    public byte[] HandshakeDirection(ReadOnlySpan<byte> handshakeSecret, bool isRequest, ReadOnlySpan<byte> th1) =>
        Expand(handshakeSecret, isRequest ? "req hs data" : "rsp hs data", th1, hash.Size);

    /// <summary>A direction's secret in the established session.</summary>
    public byte[] DataDirection(ReadOnlySpan<byte> masterSecret, bool isRequest, ReadOnlySpan<byte> th2) =>
        Expand(masterSecret, isRequest ? "req app data" : "rsp app data", th2, hash.Size);

    /// <summary>A secret for whoever needs keys that belong to the session.</summary>
    public byte[] ExportMasterSecret(ReadOnlySpan<byte> masterSecret, ReadOnlySpan<byte> th2) => Expand(masterSecret, "exp master", th2, hash.Size);

    /// <summary>A direction's next secret.</summary>
    public byte[] Update(ReadOnlySpan<byte> secret) => Expand(secret, "traffic upd", [], hash.Size);

    /// <summary>A direction's key.</summary>
    public byte[] Key(ReadOnlySpan<byte> secret, AeadSuite suite) => Expand(secret, "key", [], SpdmCipher.KeySize(suite));

    /// <summary>A direction's initialization vector.</summary>
    public byte[] Iv(ReadOnlySpan<byte> secret) => Expand(secret, "iv", [], SpdmConstants.IvSize);

    /// <summary>Proof that its maker has the direction's secret: over the transcript's digest, not the transcript.</summary>
    public byte[] VerifyData(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> transcriptDigest) => hash.Authenticate(Expand(secret, "finished", [], hash.Size), transcriptDigest);

    private byte[] Expand(ReadOnlySpan<byte> secret, string label, ReadOnlySpan<byte> context, int length)
    {
        byte[] text = Encoding.ASCII.GetBytes($"spdm{version >> 4}.{version & 0xF} {label}");
        byte[] info = new byte[sizeof(ushort) + text.Length + context.Length];
        BinaryPrimitives.WriteUInt16LittleEndian(info, (ushort)length);
        text.CopyTo(info, sizeof(ushort));
        context.CopyTo(info.AsSpan(sizeof(ushort) + text.Length));
        return hash.Expand(secret, info, length);
    }
}
