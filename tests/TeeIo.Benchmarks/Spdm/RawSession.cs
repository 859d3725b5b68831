using System.Security.Cryptography;
using TeeIo.Pci.Spdm;

namespace TeeIo.Benchmarks;

/// <summary>The cryptography that beginning and ending one SPDM session contains at both ends, and nothing else: P-384, SHA-384, AES-256-GCM.</summary>
internal sealed class RawSession : IDisposable
{
    // What either end does, counted in SpdmRequester, SpdmResponder and SpdmSession.
    private const int Hashes = 6; // the chain, the transcript before the signature, the statement, and TH1, TH of FINISH, TH2
    private const int Extracts = 2; // handshake and master secret
    private const int Expands = 15; // four directions with key and IV each, two proofs, and one for the master secret
    private const int Proofs = 2;
    private const int Records = 2; // FINISH and END_SESSION, and as many that come in
    private static readonly HashAlgorithmName s_hash = HashAlgorithmName.SHA384;

    private readonly ECDsa _signer = ECDsa.Create(ECCurve.NamedCurves.nistP384);
    private readonly Random _random = new(1);
    private readonly byte[] _transcript = new byte[700];
    private readonly byte[] _secret = new byte[SHA384.HashSizeInBytes];
    private readonly byte[] _info = new byte[70];
    private readonly byte[] _key = new byte[SpdmConstants.KeySize];
    private readonly byte[] _record = new byte[60];

    /// <summary>Does it once.</summary>
    public void Run()
    {
        SpdmGroup group = SpdmGroup.Find(DheGroup.Secp384R1)!;
        using ECDiffieHellman one = group.CreateKey(_random, out byte[] oneValue);
        using ECDiffieHellman other = group.CreateKey(_random, out byte[] otherValue);
        byte[] secret = group.Agree(one, otherValue)!;
        if (!secret.AsSpan().SequenceEqual(group.Agree(other, oneValue))) throw new CryptographicException("The group's secrets differ.");
        byte[] signature = _signer.SignHash(_secret);
        if (!_signer.VerifyHash(_secret, signature)) throw new CryptographicException("A signature isn't one.");
        for (int end = 0; end < 2; end++) Derive();
    }

    /// <inheritdoc/>
    public void Dispose() => _signer.Dispose();

    private void Derive()
    {
        Span<byte> digest = stackalloc byte[SHA384.HashSizeInBytes];
        for (int i = 0; i < Hashes; i++) CryptographicOperations.HashData(s_hash, _transcript, digest);
        for (int i = 0; i < Extracts; i++) HKDF.Extract(s_hash, _secret, _secret, digest);
        for (int i = 0; i < Expands; i++) HKDF.Expand(s_hash, _secret, digest, _info);
        for (int i = 0; i < Proofs; i++) CryptographicOperations.HmacData(s_hash, _secret, _secret, digest);
        Span<byte> nonce = stackalloc byte[SpdmConstants.IvSize];
        Span<byte> tag = stackalloc byte[SpdmConstants.TagSize];
        for (int i = 0; i < 2; i++) // keys of the handshake, keys of the session
        {
            using AesGcm outgoing = new(_key, SpdmConstants.TagSize);
            using AesGcm incoming = new(_key, SpdmConstants.TagSize);
            for (int record = 0; record < Records / 2; record++)
            {
                outgoing.Encrypt(nonce, _record, _record, tag);
                incoming.Decrypt(nonce, _record, tag, _record);
            }
        }
    }
}
