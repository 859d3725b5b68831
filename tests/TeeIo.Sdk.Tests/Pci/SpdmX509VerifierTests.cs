using System.Security.Cryptography.X509Certificates;
using TeeIo.Pci.Spdm;

namespace TeeIo.Sdk.Tests.Pci;

/// <summary>Whose certificates are trusted, and with which words the others are refused.</summary>
public sealed class SpdmX509VerifierTests
{
    private static readonly TestChain s_chain = TestChain.Of();

    [Fact]
    public void A_chain_from_the_root_stands_for_its_leaf()
    {
        using SpdmPublicKey? key = Trust([s_chain.Root.Der, s_chain.Authority.Der, s_chain.Leaf.Der], out string refusal);
        SpdmStatement statement = new(SpdmConstants.Version12, SpdmHash.Sha384, SpdmStatement.Challenge, SpdmHash.Sha384.Digest([1]));

        Assert.Equal("", refusal);
        Assert.True(key!.Verify(statement, s_chain.Leaf.Signer.Sign(statement)));
        Assert.False(key.Verify(statement, s_chain.Authority.Signer.Sign(statement)));
    }

    [Fact]
    public void A_chain_may_leave_its_root_out_and_name_it_only()
    {
        byte[] chain = SpdmChain.Create(SpdmHash.Sha384, [s_chain.Authority.Der, s_chain.Leaf.Der]);
        SpdmHash.Sha384.Digest(s_chain.Root.Der.Span).CopyTo(chain, SpdmCertificateChain.ByteSize);

        using SpdmPublicKey? key = Judge(chain, BaseAsym.EcdsaP384, out string refusal);
        Assert.True(key is not null, refusal);
    }

    [Fact]
    public void A_root_that_nobody_trusts_is_refused()
    {
        var other = TestCertificate.Root(SpdmSignatureAlgorithm.EcdsaP384);
        Refused("comes from a root that isn't trusted", other.Der, other.IssueLeaf(TestCertificate.OfLeaf).Der);
    }

    [Fact]
    public void A_chain_under_the_trusted_roots_name_with_another_root_inside_is_refused()
    {
        var other = TestCertificate.Root(SpdmSignatureAlgorithm.EcdsaP384);
        byte[] chain = SpdmChain.Create(SpdmHash.Sha384, [other.Der, other.IssueLeaf(TestCertificate.OfLeaf).Der]);
        SpdmHash.Sha384.Digest(s_chain.Root.Der.Span).CopyTo(chain, SpdmCertificateChain.ByteSize);

        Assert.Null(Judge(chain, BaseAsym.EcdsaP384, out string refusal));
        Assert.Contains("begins with another root than it says", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void A_leaf_of_an_impostor_of_the_authority_is_refused()
    {
        var impostor = TestCertificate.Root(SpdmSignatureAlgorithm.EcdsaP384).IssueAuthority();
        Refused("isn't good: ", s_chain.Root.Der, s_chain.Authority.Der, impostor.IssueLeaf(TestCertificate.OfLeaf).Der);
    }

    [Fact]
    public void An_expired_leaf_is_refused() =>
        Refused("NotTimeValid", s_chain.Root.Der, s_chain.Authority.Der, s_chain.Authority.IssueLeafUntil(new DateTimeOffset(2021, 1, 1, 0, 0, 0, TimeSpan.Zero)).Der);

    [Fact]
    public void The_time_is_that_of_the_clock_that_the_verifier_was_given()
    {
        byte[] chain = s_chain.Slot.Chain(SpdmHash.Sha384);
        SpdmX509Verifier verifier = new([s_chain.Root.Certificate], new ManualClock(new DateTimeOffset(2091, 1, 1, 0, 0, 0, TimeSpan.Zero)));

        Assert.Null(verifier.Trust(chain, SpdmHash.Sha384, SpdmSignatureAlgorithm.EcdsaP384, out string refusal));
        Assert.Contains("NotTimeValid", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void An_authority_is_no_leaf()
    {
        X509Extension[] both = [TestCertificate.Authority(true), TestCertificate.Usage(X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyCertSign)];
        Refused("the leaf is an authority", s_chain.Root.Der, s_chain.Authority.Der, s_chain.Authority.IssueLeaf(both).Der);
    }

    [Fact]
    public void A_leaf_is_for_signatures()
    {
        Refused("the leaf's key isn't for signatures", s_chain.Root.Der, s_chain.Authority.IssueLeaf(TestCertificate.Authority(false)));
        Refused("the leaf's key isn't for signatures", s_chain.Root.Der, s_chain.Authority.IssueLeaf(TestCertificate.Authority(false), TestCertificate.Usage(X509KeyUsageFlags.KeyAgreement)));
    }

    [Fact]
    public void A_requesters_leaf_is_refused_unless_it_is_a_responders_as_well()
    {
        Refused("the leaf is a requester's", s_chain.Root.Der, s_chain.Authority.IssueLeaf([.. TestCertificate.OfLeaf, TestCertificate.For(SpdmOids.RequesterAuthentication)]));
        foreach (string[] uses in new string[][] { [SpdmOids.ResponderAuthentication], [SpdmOids.RequesterAuthentication, SpdmOids.ResponderAuthentication] })
        {
            using SpdmPublicKey? key = Trust([s_chain.Root.Der, s_chain.Authority.Der, s_chain.Authority.IssueLeaf([.. TestCertificate.OfLeaf, TestCertificate.For(uses)]).Der], out string refusal);
            Assert.True(key is not null, refusal);
        }
    }

    [Fact]
    public void A_broken_signature_is_refused()
    {
        byte[] leaf = s_chain.Leaf.Der.ToArray();
        leaf[^1] ^= 1;
        Refused("NotSignatureValid", s_chain.Root.Der, s_chain.Authority.Der, leaf);
    }

    [Fact]
    public void A_certificate_that_does_not_belong_to_the_chain_is_refused() =>
        Refused("has certificates that don't belong to it", s_chain.Root.Der, s_chain.Authority.Der, s_chain.Root.IssueLeaf(TestCertificate.OfLeaf).Der, s_chain.Leaf.Der);

    [Fact]
    public void A_key_of_another_algorithm_than_the_negotiated_one_is_refused()
    {
        Assert.Null(Judge(s_chain.Slot.Chain(SpdmHash.Sha384), BaseAsym.EcdsaP256, out string refusal));
        Assert.Equal("the leaf's key isn't one of EcdsaP256", refusal);
    }

    [Fact]
    public void What_is_no_chain_is_refused()
    {
        byte[] chain = s_chain.Slot.Chain(SpdmHash.Sha384);
        foreach (int length in new[] { 0, 3, 4, 51, 52, 60, chain.Length - 1 })
        {
            Assert.Null(Judge(chain[..length], BaseAsym.EcdsaP384, out string refusal));
            Assert.Equal("the certificate chain is malformed", refusal);
        }

        Refused("a certificate of the chain is malformed: ", s_chain.Root.Der, new byte[] { 0x30, 0x00 });
    }

    private static void Refused(string expected, ReadOnlyMemory<byte> root, TestCertificate leaf) => Refused(expected, root, s_chain.Authority.Der, leaf.Der);

    private static void Refused(string expected, params ReadOnlyMemory<byte>[] certificates)
    {
        Assert.Null(Trust(certificates, out string refusal));
        Assert.Contains(expected, refusal, StringComparison.Ordinal);
    }

    private static SpdmPublicKey? Trust(ReadOnlyMemory<byte>[] certificates, out string refusal) => Judge(SpdmChain.Create(SpdmHash.Sha384, certificates), BaseAsym.EcdsaP384, out refusal);

    private static SpdmPublicKey? Judge(byte[] chain, BaseAsym algorithm, out string refusal) => s_chain.Verifier.Trust(chain, SpdmHash.Sha384, SpdmSignatureAlgorithm.Find(algorithm)!, out refusal);
}
