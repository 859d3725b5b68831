using static TeeIo.Pci.Spdm.SpdmCapabilities;

namespace TeeIo.Pci.Spdm;

/// <summary>Which capabilities contradict each other, or those of their version.</summary>
internal static class SpdmCapabilityRules
{
    private const SpdmCapabilities MeasurementBits = MeasCapNoSig | MeasCapSig;
    private const SpdmCapabilities PskBits = PskCap | PskCapWithContext;
    private const SpdmCapabilities EndpointBits = EpInfoCapNoSig | EpInfoCapSig;
    private const SpdmCapabilities MultiKeyBits = MultiKeyCapOnly | MultiKeyCapNeg;
    private const SpdmCapabilities OfResponder = CacheCap | MeasurementBits | MeasFreshCap | AliasCertCap | SetCertCap | CsrCap | CertInstallResetCap | MelCap
        | GetKeyPairInfoCap | SetKeyPairInfoCap | SetKeyPairResetCap;

    private const SpdmCapabilities Since10 = CacheCap | CertCap | ChalCap | MeasurementBits | MeasFreshCap;
    private const SpdmCapabilities Since11 = Since10 | EncryptCap | MacCap | MutAuthCap | KeyExCap | PskBits | EncapCap | HbeatCap | KeyUpdCap | HandshakeInTheClearCap | PubKeyIdCap;
    private const SpdmCapabilities Since12 = Since11 | ChunkCap | AliasCertCap | SetCertCap | CsrCap | CertInstallResetCap;
    private const SpdmCapabilities Since13 = Since12 | EndpointBits | MelCap | EventCap | MultiKeyBits | GetKeyPairInfoCap | SetKeyPairInfoCap;
    private const SpdmCapabilities Since14 = Since13 | SetKeyPairResetCap | LargeRespCap;

    /// <summary>The capabilities that a version has, as a side's message may carry them.</summary>
    public static SpdmCapabilities Of(byte version, bool isRequester) => (version switch
    {
        SpdmConstants.Version10 => Since10,
        SpdmConstants.Version11 => Since11,
        SpdmConstants.Version12 => Since12,
        SpdmConstants.Version13 => Since13,
        _ => Since14,
    }) & (isRequester ? ~OfResponder : Since14);

    /// <summary>Whether a requester's capabilities go together.</summary>
    public static bool AreConsistent(SpdmCapabilities flags, byte version)
    {
        bool has(SpdmCapabilities bits) => (flags & bits) != 0;
        bool all(SpdmCapabilities bits) => (flags & bits) == bits;
        bool hasSession = has(KeyExCap | PskCap);
        bool hasKey = has(CertCap | PubKeyIdCap);
        bool signsEndpoint = version >= SpdmConstants.Version13 && has(EpInfoCapSig);
        if (has(PskCapWithContext)) return false; // a responder's
        if (hasSession && !has(MacCap | EncryptCap)) return false;
        if (!hasSession && has(MacCap | EncryptCap | HandshakeInTheClearCap | HbeatCap | KeyUpdCap)) return false;
        if (!hasSession && version >= SpdmConstants.Version13 && has(EventCap)) return false;
        if (has(HandshakeInTheClearCap) && !has(KeyExCap)) return false;
        if (all(CertCap | PubKeyIdCap)) return false;
        if (hasKey && !has(ChalCap | KeyExCap) && !signsEndpoint) return false;
        if (!hasKey && (has(ChalCap | MutAuthCap) || signsEndpoint)) return false;
        if (has(MutAuthCap) && !has(KeyExCap | ChalCap)) return false;
        if (version == SpdmConstants.Version11 && has(MutAuthCap) && !has(EncapCap)) return false;
        if (all(EndpointBits) || all(MultiKeyBits)) return false;
        return !has(MultiKeyBits) || (has(CertCap) && !has(PubKeyIdCap));
    }
}
