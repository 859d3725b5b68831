using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using TeeIo.Pci.Spdm;
using TeeIo.Platform.Devices;
using TeeIo.Scheduling;

namespace TeeIo.Platform.Tests.Devices;

/// <summary>Who a model device is: real certificates and signatures, and the same ones for the same seed.</summary>
public sealed class ModelIdentityTests
{
    private static readonly ISpdmVerifier s_verifier = ModelAuthority.CreateVerifier(TimeProvider.System);

    [Fact]
    public void The_same_seed_gives_the_same_chain_and_signatures_and_every_seed_the_same_measurements()
    {
        ModelIdentity first = new(1);
        ModelIdentity second = new(1);
        ModelIdentity third = new(2);

        Assert.Equal(Chain(first), Chain(second));
        Assert.Equal(Blocks(first), Blocks(second));
        Assert.Equal(first.Slots[0].Key.Sign(Statement(1)), second.Slots[0].Key.Sign(Statement(1)));
        Assert.NotEqual(Chain(first), Chain(third));
        Assert.Equal(Blocks(first), Blocks(third)); // all model devices are made of the same
        Assert.NotEqual(first.Slots[0].Key.Sign(Statement(1)), third.Slots[0].Key.Sign(Statement(1)));
    }

    [Fact]
    public void What_it_signs_is_what_its_chain_stands_for()
    {
        for (int seed = 0; seed < 8; seed++)
        {
            ModelIdentity identity = new(seed);
            using SpdmPublicKey key = Trust(Chain(identity))!;
            byte[] signature = identity.Slots[0].Key.Sign(Statement(1));

            Assert.True(key.Verify(Statement(1), signature));
            Assert.False(key.Verify(Statement(2), signature));
            Assert.False(key.Verify(Statement(1), new ModelIdentity(seed + 1).Slots[0].Key.Sign(Statement(1))));
        }
    }

    [Fact]
    public void A_chain_with_a_changed_byte_stands_for_nobody()
    {
        byte[] chain = Chain(new ModelIdentity(1));
        for (int at = 0; at < chain.Length; at += 37)
        {
            byte[] forged = [.. chain];
            forged[at] ^= 1;
            Assert.Null(Trust(forged));
        }

        Assert.Null(Trust(chain[..60]));
    }

    [Fact]
    public void Its_certificate_says_that_it_is_a_responder_of_this_device()
    {
        SpdmSlot slot = new ModelIdentity(1).Slots[0];
        using X509Certificate2 leaf = X509CertificateLoader.LoadCertificate(slot.Certificates[^1].Span);

        Assert.Equal(3, slot.Certificates.Count);
        Assert.Equal(ModelAuthority.Root.RawData, slot.Certificates[0].ToArray());
        Assert.False(leaf.Extensions.OfType<X509BasicConstraintsExtension>().Single().CertificateAuthority);
        Assert.Equal(X509KeyUsageFlags.DigitalSignature, leaf.Extensions.OfType<X509KeyUsageExtension>().Single().KeyUsages);
        Oid use = Assert.Single(leaf.Extensions.OfType<X509EnhancedKeyUsageExtension>().Single().EnhancedKeyUsages.OfType<Oid>());
        Assert.Equal(SpdmOids.ResponderAuthentication, use.Value);
        string serial = leaf.SerialNumber;
        X509Extension name = leaf.Extensions.Single(extension => extension is X509SubjectAlternativeNameExtension);
        Assert.Contains($"TeeIo:model device:{serial}", System.Text.Encoding.UTF8.GetString(name.RawData), StringComparison.Ordinal);
    }

    [Fact]
    public void Certificates_are_valid_from_the_time_at_which_a_software_machine_begins()
    {
        ISpdmVerifier verifier = ModelAuthority.CreateVerifier(new DeterministicScheduler(1).Time);
        using SpdmPublicKey? key = verifier.Trust(Chain(new ModelIdentity(1)), SpdmHash.Sha384, SpdmSignatureAlgorithm.EcdsaP384, out string refusal);
        Assert.True(key is not null, refusal);
    }

    private static SpdmStatement Statement(byte content) => new(SpdmConstants.Version12, SpdmHash.Sha384, SpdmStatement.Challenge, SpdmHash.Sha384.Digest([content]));

    private static byte[] Chain(ModelIdentity identity) => identity.Slots[0].Chain(SpdmHash.Sha384);

    private static byte[] Blocks(ModelIdentity identity) => [.. identity.Measure().SelectMany(measurement => measurement.ToBlock(SpdmHash.Sha384))];

    private static SpdmPublicKey? Trust(byte[] chain) => s_verifier.Trust(chain, SpdmHash.Sha384, SpdmSignatureAlgorithm.EcdsaP384, out _);
}
