namespace TeeIo.Pci.Spdm;

/// <summary>The algorithms that an end is willing to use. Which of them it uses is settled with the other end: the responder chooses, in its own order of preference.</summary>
public sealed record SpdmAlgorithmSet
{
    /// <summary>All that there are here.</summary>
    public static SpdmAlgorithmSet All { get; } = new()
    {
        Hashes = SpdmHash.All.Aggregate(default(BaseHash), (set, hash) => set | hash.Algorithm),
        MeasurementHashes = SpdmHash.All.Aggregate(default(MeasurementHash), (set, hash) => set | hash.Measurement),
        Signatures = SpdmSignatureAlgorithm.All.Aggregate(default(BaseAsym), (set, algorithm) => set | algorithm.Algorithm),
        Groups = SpdmGroup.All.Aggregate(default(DheGroup), (set, group) => set | group.Algorithm),
        Ciphers = SpdmCipher.All.Aggregate(default(AeadSuite), (set, suite) => set | suite),
    };

    /// <summary>What a device for TDISP has to have: P-384 or P-256, SHA-384 or SHA-256, AES-256-GCM.</summary>
    public static SpdmAlgorithmSet Tdisp { get; } = new()
    {
        Hashes = BaseHash.Sha384 | BaseHash.Sha256,
        MeasurementHashes = MeasurementHash.Sha384 | MeasurementHash.Sha256,
        Signatures = BaseAsym.EcdsaP384 | BaseAsym.EcdsaP256,
        Groups = DheGroup.Secp384R1 | DheGroup.Secp256R1,
        Ciphers = AeadSuite.Aes256Gcm,
    };

    /// <summary>The strongest of those, and nothing else.</summary>
    public static SpdmAlgorithmSet TdispStrongest { get; } = new()
    {
        Hashes = BaseHash.Sha384,
        MeasurementHashes = MeasurementHash.Sha384,
        Signatures = BaseAsym.EcdsaP384,
        Groups = DheGroup.Secp384R1,
        Ciphers = AeadSuite.Aes256Gcm,
    };

    /// <summary>Base hash algorithms.</summary>
    public required BaseHash Hashes { get; init; }

    /// <summary>Hash algorithms of measurements; a responder's only.</summary>
    public required MeasurementHash MeasurementHashes { get; init; }

    /// <summary>Signature algorithms of the responder.</summary>
    public required BaseAsym Signatures { get; init; }

    /// <summary>Signature algorithms of a requester that authenticates itself; as the responder's if not said otherwise.</summary>
    public BaseAsym RequesterSignatures
    {
        get => field == 0 ? Signatures : field;
        init;
    }

    /// <summary>Groups of the key exchange.</summary>
    public required DheGroup Groups { get; init; }

    /// <summary>Ciphers of records.</summary>
    public required AeadSuite Ciphers { get; init; }
}
