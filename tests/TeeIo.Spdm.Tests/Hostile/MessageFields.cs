using TeeIo.Pci.Spdm;
using TeeIo.Spdm.Tests.Ends;

namespace TeeIo.Spdm.Tests.Hostile;

/// <summary>Words for what must become of a message in the clear.</summary>
internal abstract class MessageFields(Recording recording, int number)
{
    protected Lane Lane => recording.Lane;

    protected Step Step => recording.Steps[number];

    protected byte Version => Lane.Version;

    protected int HashSize => Lane.Algorithms.Hashes.HasFlag(BaseHash.Sha384) ? SpdmHash.Sha384.Size : SpdmHash.Find(Lane.Algorithms.Hashes)!.Size;

    protected SpdmSignatureAlgorithm Signature => SpdmSignatureAlgorithm.Find(Lane.Algorithms.Signatures.HasFlag(BaseAsym.EcdsaP384) ? BaseAsym.EcdsaP384 : BaseAsym.EcdsaP256)!;

    protected int ValueSize => Signature.SignatureSize; // the curves are the same

    protected int ContextSize => Version >= SpdmConstants.Version13 ? SpdmConstants.ContextSize : 0;

    protected int ChainLength => Lane.Chain.Slot.Chain(HashSize == SpdmHash.Sha384.Size ? SpdmHash.Sha384 : SpdmHash.Find(BaseHash.Sha256)!).Length;

    /// <summary>The requester gives up at once: it was refused, got no answer, or one that isn't to its request.</summary>
    protected Verdict Stops => new(DeviceFailure.BadSpdm, Step.Code);

    /// <summary>The requester sees it at once: a signature or a proof is wrong.</summary>
    protected Verdict IsForged => new(DeviceFailure.NotAuthentic, Step.Code);

    /// <summary>Nobody sees it before the challenge, whose signature is about all that was said.</summary>
    protected static Verdict IsChallenged => new(DeviceFailure.NotAuthentic, SpdmMessage.Challenge);

    /// <summary>The chain that comes together isn't the one of the digest.</summary>
    protected static Verdict IsAnotherChain => new(DeviceFailure.NotAuthentic, SpdmMessage.GetCertificate);

    /// <summary>A field of a message whose end there stops the requester.</summary>
    protected Field Of(string name, int size, Verdict onChange) => new(name, size, _ => onChange, Stops);

    /// <summary>A field where it depends on the value what must become of it.</summary>
    protected Field Of(string name, int size, Func<ulong, Verdict> onChange) => new(name, size, onChange, Stops);

    /// <summary>A message's header: another version or code stops it.</summary>
    protected IEnumerable<Field> Header(Func<ulong, Verdict> param1, Func<ulong, Verdict> param2) =>
        [Of("version", 1, Stops), Of("code", 1, Stops), Of("param1", 1, param1), Of("param2", 1, param2)];

    protected IEnumerable<Field> Header(Verdict parameters) => Header(_ => parameters, _ => parameters);

    /// <summary>The head of opaque data, which has one element.</summary>
    protected IEnumerable<Field> OpaqueHead()
    {
        Verdict count(ulong value) => value == 0 ? Stops : IsForged;
        return Version >= SpdmConstants.Version12
            ? [Of("opaque elements", 1, count), Of("reserved", 3, IsForged)]
            : [Of("opaque specification", sizeof(uint), Stops), Of("opaque version", 1, IsForged), Of("opaque elements", 1, count), Of("reserved", 2, IsForged)];
    }

    /// <summary>An element of opaque data up to what it is about: whoever doesn't find it has no version for records.</summary>
    protected IEnumerable<Field> OpaqueElement() =>
        [Of("element registry", 1, Stops), Of("element vendor", 1, Stops), Of("element length", 2, Stops), Of("data version", 1, Stops), Of("data id", 1, Stops)];
}
