using System.Collections.Concurrent;
using TeeIo.Pci.Spdm;

namespace TeeIo.Sdk.Tests.Pci;

/// <summary>A root, an authority below it and a responder's leaf, made once for each algorithm, since keys take their time.</summary>
internal sealed class TestChain
{
    private static readonly ConcurrentDictionary<BaseAsym, Lazy<TestChain>> s_chains = new();

    private TestChain(SpdmSignatureAlgorithm algorithm)
    {
        Root = TestCertificate.Root(algorithm);
        Authority = Root.IssueAuthority();
        Leaf = Authority.IssueLeaf(TestCertificate.OfLeaf);
        Slot = new SpdmSlot(0, [Root.Der, Authority.Der, Leaf.Der], Leaf.Signer);
        Verifier = new SpdmX509Verifier([Root.Certificate], TimeProvider.System);
    }

    public TestCertificate Root { get; }

    public TestCertificate Authority { get; }

    public TestCertificate Leaf { get; }

    public SpdmSlot Slot { get; }

    public ISpdmVerifier Verifier { get; }

    public static TestChain Of(BaseAsym algorithm = BaseAsym.EcdsaP384) =>
        s_chains.GetOrAdd(algorithm, wanted => new Lazy<TestChain>(() => new TestChain(SpdmSignatureAlgorithm.Find(wanted)!))).Value;
}
