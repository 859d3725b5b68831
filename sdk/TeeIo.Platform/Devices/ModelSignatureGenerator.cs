using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace TeeIo.Platform.Devices;

/// <summary>Signs certificates with a <see cref="ModelKey"/>.</summary>
internal sealed class ModelSignatureGenerator(ModelKey key) : X509SignatureGenerator
{
    private const string EcdsaWithSha384 = "1.2.840.10045.4.3.3";

    public override byte[] GetSignatureAlgorithmIdentifier(HashAlgorithmName hashAlgorithm)
    {
        AsnWriter writer = new(AsnEncodingRules.DER);
        using (writer.PushSequence()) writer.WriteObjectIdentifier(EcdsaWithSha384);
        return writer.Encode();
    }

    public override byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm)
    {
        byte[] signature = key.Sign(SHA384.HashData(data));
        AsnWriter writer = new(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteIntegerUnsigned(Trim(signature.AsSpan(0, signature.Length / 2)));
            writer.WriteIntegerUnsigned(Trim(signature.AsSpan(signature.Length / 2)));
        }

        return writer.Encode();
    }

    protected override PublicKey BuildPublicKey() => key.PublicKey;

    private static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> number)
    {
        int first = number.IndexOfAnyExcept((byte)0);
        return first < 0 ? number[^1..] : number[first..];
    }
}
