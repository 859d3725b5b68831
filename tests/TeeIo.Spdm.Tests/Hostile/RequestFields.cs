using TeeIo.Pci.Spdm;

namespace TeeIo.Spdm.Tests.Hostile;

/// <summary>The parts of the requests in the clear.</summary>
internal sealed class RequestFields(Recording recording, int number) : MessageFields(recording, number)
{
    /// <summary>The parts, in their order.</summary>
    public IReadOnlyList<Field> All => Step.Code switch
    {
        SpdmMessage.GetVersion => [.. Header(IsChallenged)],
        SpdmMessage.GetCapabilities => [.. GetCapabilities()],
        SpdmMessage.NegotiateAlgorithms => [.. NegotiateAlgorithms()],
        SpdmMessage.GetDigests => [.. Header(IsChallenged)],
        SpdmMessage.GetCertificate => [.. GetCertificate()],
        SpdmMessage.Challenge => [.. Challenge()],
        SpdmMessage.GetMeasurements => [.. GetMeasurements()],
        SpdmMessage.KeyExchange => [.. KeyExchange()],
        _ => throw new InvalidOperationException($"{Step.Code} in the clear"),
    };

    private IEnumerable<Field> GetCapabilities()
    {
        // Who asks for the algorithms in the answer must take messages in pieces.
        Verdict param1(ulong value) => Version >= SpdmConstants.Version13 && (value & SpdmConstants.SupportedAlgorithmsRequested) != 0 ? Stops : IsChallenged;
        IEnumerable<Field> fields =
        [
            .. Header(param1, _ => IsChallenged), Of("reserved", 1, IsChallenged), Of("exponent", 1, value => value > SpdmConstants.MaxCtExponent ? Stops : IsChallenged),
            Of("extended flags", 2, IsChallenged), Of("flags", sizeof(uint), OnFlags),
        ];

        // Without pieces both sizes are the same.
        return Version < SpdmConstants.Version12 ? fields : [.. fields, Of("transfer size", sizeof(uint), Stops), Of("message size", sizeof(uint), Stops)];
    }

    /// <summary>Flags that contradict each other are refused; about the others nobody wonders before the challenge.</summary>
    private Verdict OnFlags(ulong value)
    {
        var flags = (SpdmCapabilities)value;
        bool has(SpdmCapabilities flag) => (flags & flag) != 0;
        bool isContradiction = !has(SpdmCapabilities.CertCap) // which CHAL needs
            || has(SpdmCapabilities.PubKeyIdCap) // which CERT excludes
            || !has(SpdmCapabilities.KeyExCap | SpdmCapabilities.PskCap) // one of which MAC needs
            || !has(SpdmCapabilities.MacCap | SpdmCapabilities.EncryptCap) // one of which KEY_EX needs
            || has(SpdmCapabilities.PskCapWithContext) // a responder's
            || (Version == SpdmConstants.Version11 && has(SpdmCapabilities.MutAuthCap) && !has(SpdmCapabilities.EncapCap)); // which it needs there
        return isContradiction ? Stops : IsChallenged;
    }

    private IEnumerable<Field> NegotiateAlgorithms()
    {
        // What the responder can't choose from is refused; a weaker choice that both ends would take falls at the challenge.
        Verdict choice(ulong value, uint willing) => (value & willing) == 0 ? Stops : IsChallenged;
        bool hasFormat = Version >= SpdmConstants.Version12;
        IEnumerable<Field> table(string name, uint willing) => [Of($"{name} type", 1, Stops), Of($"{name} sizes", 1, Stops), Of($"{name} mask", 2, value => choice(value, willing))];
        return
        [
            .. Header(_ => Stops, _ => IsChallenged), Of("length", 2, Stops), Of("measurement specification", 1, IsChallenged),
            Of("other parameters", 1, value => hasFormat && ((OtherParams)value & OtherParams.OpaqueDataFmt1) == 0 ? Stops : IsChallenged),
            Of("signatures", sizeof(uint), value => choice(value, (uint)Signature.Algorithm)), Of("hashes", sizeof(uint), value => choice(value, (uint)Lane.Algorithms.Hashes)),
            Of("post-quantum signatures", sizeof(uint), IsChallenged), Of("reserved", 8, IsChallenged), Of("extended signatures", 1, Stops), Of("extended hashes", 1, Stops),
            Of("reserved", 1, IsChallenged), Of("log specification", 1, IsChallenged),
            .. table("groups", (uint)Lane.Algorithms.Groups), .. table("ciphers", (uint)Lane.Algorithms.Ciphers),
            .. Lane.IsMutual ? [Of("requester signatures type", 1, Stops), Of("requester signatures sizes", 1, Stops), Of("requester signatures mask", 2, IsChallenged)] : Array.Empty<Field>(),
            .. table("key schedules", (uint)KeySchedule.Spdm),
        ];
    }

    private IEnumerable<Field> GetCertificate() =>
    [
        .. Header(_ => Stops, value => Version >= SpdmConstants.Version13 && (value & SpdmConstants.SlotSizeRequested) != 0 ? Stops : IsChallenged),
        Of("offset", 2, OnOffset), Of("length", 2, IsChallenged),
    ];

    /// <summary>Another portion comes; the requester goes on behind what it takes it for, until the chain is whole, or the responder has nothing there.</summary>
    private Verdict OnOffset(ulong value)
    {
        int left = ChainLength - (int)value;
        if (left <= 0) return Stops;
        int portion = Math.Min(Lane.Responder.CertificatePortion, left);
        int next = BitConverter.ToUInt16(Step.Request, SpdmHeader.ByteSize) + portion;
        return portion == left || next < ChainLength ? IsAnotherChain : Stops;
    }

    private IEnumerable<Field> Challenge()
    {
        // A summary that was asked for stands where the requester looks for something else.
        Verdict summary(ulong value) => (SummaryType)value is SummaryType.Tcb or SummaryType.All ? IsForged : Stops;
        return [.. Header(_ => Stops, summary), Of("nonce", SpdmConstants.NonceSize, IsForged), .. Context(IsForged)];
    }

    private IEnumerable<Field> GetMeasurements()
    {
        // Without a signature the context stands elsewhere, and another comes back.
        Verdict attributes(ulong value) => ((MeasurementAttributes)value).HasFlag(MeasurementAttributes.SignatureRequested) || ContextSize == 0 ? IsForged : Stops;
        return
        [
            .. Header(attributes, _ => Stops), Of("nonce", SpdmConstants.NonceSize, IsForged), Of("slot", 1, value => (value & SpdmConstants.SlotMask) != 0 ? Stops : IsForged), .. Context(Stops),
        ];
    }

    private IEnumerable<Field> KeyExchange()
    {
        int padding = Step.RequestPacket.Length - Lane.Binding.HeaderSize - Step.Request.Length;
        int versions = 2 * sizeof(ushort);
        int head = Version >= SpdmConstants.Version12 ? SpdmOpaqueHead.ByteSize : SpdmOpaqueHead11.ByteSize;
        int element = SpdmOpaqueElement.ByteSize + SpdmSupportedVersions.ByteSize + versions;
        int length = head + ((element + SpdmConstants.OpaqueAlignment - 1) & -SpdmConstants.OpaqueAlignment);

        // A summary of measurements stands where the requester looks for the opaque data; a value that isn't on the curve is refused.
        return
        [
            .. Header(Stops), Of("session id", 2, IsForged), Of("policy", 1, IsForged), Of("reserved", 1, IsForged), Of("random", SpdmConstants.NonceSize, IsForged), Of("value", ValueSize, Stops),
            Of("opaque length", 2, value => value > (ulong)length && value <= (ulong)(length + padding) ? IsForged : Stops), .. OpaqueHead(), .. OpaqueElement(),
            Of("version count", 1, Stops), Of("versions", versions, IsForged), Of("element padding", length - head - element, IsForged),
        ];
    }

    private IEnumerable<Field> Context(Verdict onChange) => ContextSize > 0 ? [Of("context", ContextSize, onChange)] : [];
}
