using TeeIo.Pci.Spdm;
using TeeIo.Sdk.Tests.Pci;

namespace TeeIo.Spdm.Tests.Ends;

/// <summary>What two ends speak: versions, transport, algorithms. Between them the lanes have each version, each transport, both curves and both kinds of record.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Versions">The versions that both ends offer, upwards.</param>
/// <param name="Binding">The transport.</param>
/// <param name="Algorithms">The algorithms.</param>
/// <param name="IsAuthenticatingOnly">Whether records aren't encrypted.</param>
/// <param name="TransferSize">Bytes that go in one piece.</param>
/// <param name="IsMutual">Whether the requester authenticates itself, and the responder has requests of its own; both ends share a key as well then.</param>
internal sealed record Lane(string Name, byte[] Versions, SpdmBinding Binding, SpdmAlgorithmSet Algorithms, bool IsAuthenticatingOnly = false, int TransferSize = Lane.MessageSize, bool IsMutual = false)
{
    private static readonly SpdmPreSharedKey s_shared = new(new byte[] { 0x68, 0x69 }, new byte[] { 1, 2, 3, 4, 5, 6, 7, 8 });
    private static readonly SpdmAlgorithmSet s_p256 = SpdmAlgorithmSet.Tdisp with
    {
        Hashes = BaseHash.Sha256,
        MeasurementHashes = MeasurementHash.Sha256,
        Signatures = BaseAsym.EcdsaP256,
        Groups = DheGroup.Secp256R1,
    };

    private const int MessageSize = 4096;

    /// <summary>Those whose messages go in one piece.</summary>
    public static IReadOnlyList<Lane> All { get; } =
    [
        new("1.3-doe", [SpdmConstants.Version12, SpdmConstants.Version13], SpdmBinding.PciDoe, SpdmAlgorithmSet.Tdisp),
        new("1.1-mctp", [SpdmConstants.Version11], SpdmBinding.Mctp, s_p256),
        new("1.4-tcp", [SpdmConstants.Version14], SpdmBinding.Tcp, s_p256),
        new("1.2-doe-mac", [SpdmConstants.Version12], SpdmBinding.PciDoe, s_p256, IsAuthenticatingOnly: true),
        new("1.3-doe-mutual", [SpdmConstants.Version13], SpdmBinding.PciDoe, s_p256, IsMutual: true),
    ];

    /// <summary>All of those, and one whose messages go in pieces.</summary>
    public static IReadOnlyList<Lane> AllAndPieces { get; } = [.. All, new("1.3-doe-pieces", [SpdmConstants.Version13], SpdmBinding.PciDoe, s_p256, TransferSize: 256)];

    /// <summary>The version that both ends settle on.</summary>
    public byte Version => Versions[^1];

    /// <summary>The certificates of the responder.</summary>
    public TestChain Chain => TestChain.Of(Algorithms.Signatures.HasFlag(BaseAsym.EcdsaP384) ? BaseAsym.EcdsaP384 : BaseAsym.EcdsaP256);

    /// <summary>What the requester says of itself.</summary>
    public SpdmRequesterOptions Requester => new()
    {
        Versions = Versions,
        Binding = Binding,
        Algorithms = Algorithms,
        IsAuthenticatingOnly = IsAuthenticatingOnly,
        DataTransferSize = TransferSize,
        MaxMessageSize = MessageSize,
        Identity = IsMutual ? new Device(Chain.Slot) : null,
        PreSharedKey = IsMutual ? s_shared : null,
    };

    /// <summary>What the responder says of itself: its chain comes in several portions, and sessions have heartbeats.</summary>
    public SpdmResponderOptions Responder => new()
    {
        Versions = Versions,
        Binding = Binding,
        Algorithms = Algorithms,
        IsAuthenticatingOnly = IsAuthenticatingOnly,
        DataTransferSize = TransferSize,
        MaxMessageSize = MessageSize,
        CertificatePortion = 400,
        HeartbeatPeriod = 60,
        RequesterVerifier = IsMutual ? Chain.Verifier : null,
        PreSharedKeys = IsMutual ? [s_shared] : [],
        EndpointInfo = IsMutual ? new byte[] { 1, 0, 0, 0 } : default,
        EventGroups = IsMutual ? [new byte[] { 0, 0, 1, 0, 1, 0 }] : [],
    };

    /// <summary>The lane of a name.</summary>
    public static Lane Of(string name) => All.First(lane => lane.Name == name);

    /// <inheritdoc/>
    public override string ToString() => Name;
}
