using TeeIo.Pci.Spdm;

namespace TeeIo.Spdm.Tests.Hostile;

/// <summary>The parts of the responses in the clear.</summary>
internal sealed class ResponseFields(Recording recording, int number) : MessageFields(recording, number)
{
    private readonly bool _isLastPortion = recording.Steps[number + 1].Code != SpdmMessage.GetCertificate;

    /// <summary>The parts, in their order.</summary>
    public IReadOnlyList<Field> All => Step.Code switch
    {
        SpdmMessage.GetVersion => [.. Versions()],
        SpdmMessage.GetCapabilities => [.. Capabilities()],
        SpdmMessage.NegotiateAlgorithms => [.. Algorithms()],
        SpdmMessage.GetDigests => [.. Header(_ => IsChallenged, _ => Stops), Of("digest", HashSize, IsAnotherChain)],
        SpdmMessage.GetCertificate => [.. Certificate()],
        SpdmMessage.Challenge => [.. ChallengeAuth()],
        SpdmMessage.GetMeasurements => [.. Measurements()],
        SpdmMessage.KeyExchange => [.. KeyExchangeResponse()],
        _ => throw new InvalidOperationException($"{Step.Code} in the clear"),
    };

    /// <summary>Bytes from the message's begin to the packet's end.</summary>
    private int Room => Step.ResponsePacket.Length - Lane.Binding.HeaderSize;

    private IEnumerable<Field> Versions()
    {
        yield return Of("version", 1, Stops);
        yield return Of("code", 1, Stops);
        yield return Of("parameters", 2, IsChallenged);
        yield return Of("reserved", 1, IsChallenged);
        yield return Of("count", 1, value => value == 0 || SpdmVersion.ByteSize + ((int)value * sizeof(ushort)) > Room ? Stops : IsChallenged);

        // A version less is a downgrade: the requester goes along, up to the challenge, if it has one left.
        foreach (byte version in Lane.Versions)
        {
            yield return Of("update", 1, IsChallenged);
            yield return Of($"version {version:X2}", 1, value => Lane.Versions.Length > 1 || value == version ? IsChallenged : Stops);
        }
    }

    private IEnumerable<Field> Capabilities()
    {
        Verdict flags(ulong value) => !((SpdmCapabilities)value).HasFlag(SpdmCapabilities.CertCap) ? new(DeviceFailure.BadSpdm, SpdmMessage.NegotiateAlgorithms)
            : !((SpdmCapabilities)value).HasFlag(SpdmCapabilities.ChalCap) ? new(DeviceFailure.BadSpdm, SpdmMessage.GetCertificate) : IsChallenged;
        IEnumerable<Field> fields =
        [
            .. Header(IsChallenged), Of("reserved", 1, IsChallenged), Of("exponent", 1, value => value > SpdmConstants.MaxCtExponent ? Stops : IsChallenged),
            Of("extended flags", 2, IsChallenged), Of("flags", sizeof(uint), flags),
        ];
        return Version < SpdmConstants.Version12 ? fields : [.. fields, Of("transfer size", sizeof(uint), Stops), Of("message size", sizeof(uint), Stops)];
    }

    private IEnumerable<Field> Algorithms()
    {
        // One bit of each that was offered; another bit is one too many, or leaves none.
        bool hasFormat = Version >= SpdmConstants.Version12;
        IEnumerable<Field> table(string name) => [Of($"{name} type", 1, Stops), Of($"{name} sizes", 1, Stops), Of($"{name} mask", 2, Stops)];
        return
        [
            .. Header(_ => Stops, _ => IsChallenged), Of("length", 2, Stops), Of("measurement specification", 1, IsChallenged),
            Of("other parameters", 1, value => hasFormat && ((OtherParams)value & OtherParams.OpaqueDataFmt1) == 0 ? Stops : IsChallenged),
            Of("measurement hash", sizeof(uint), IsChallenged), Of("signature", sizeof(uint), Stops), Of("hash", sizeof(uint), Stops), Of("post-quantum signature", sizeof(uint), IsChallenged),
            Of("reserved", 7, IsChallenged), Of("log specification", 1, IsChallenged), Of("extended signatures", 1, Stops), Of("extended hashes", 1, Stops), Of("reserved", 2, IsChallenged),
            .. table("group"), .. table("cipher"),
            .. Lane.IsMutual ? [Of("requester signature type", 1, Stops), Of("requester signature sizes", 1, Stops), Of("requester signature mask", 2, value => value == 0 ? IsChallenged : Stops)] : Array.Empty<Field>(),
            .. table("key schedule"),
        ];
    }

    private IEnumerable<Field> Certificate()
    {
        int genuine = BitConverter.ToUInt16(Step.Response, SpdmHeader.ByteSize);
        Verdict length(ulong value)
        {
            if (value == 0 || (int)value > Room - SpdmCertificate.ByteSize) return Stops;

            // A shorter portion is made up for by the next; that it was told otherwise shows at the challenge.
            return (int)value < genuine && !_isLastPortion ? IsChallenged : IsAnotherChain;
        }

        Verdict remainder(ulong value)
        {
            int before = BitConverter.ToUInt16(Step.Request, SpdmHeader.ByteSize);
            if (before + genuine + (int)value > ushort.MaxValue || _isLastPortion) return Stops;
            return value == 0 ? IsAnotherChain : IsChallenged;
        }

        return
        [
            .. Header(value => (value & SpdmConstants.SlotMask) != 0 ? Stops : IsChallenged, _ => IsChallenged), Of("portion length", 2, length), Of("remainder length", 2, remainder),
            Of("portion", genuine, IsAnotherChain),
        ];
    }

    private IEnumerable<Field> ChallengeAuth()
    {
        // All of it is signed, and what it can't be parsed as isn't signed either.
        Field forged(string name, int size) => new(name, size, _ => IsForged, IsForged);
        foreach (Field field in Header(IsForged)) yield return field;
        yield return forged("chain digest", HashSize);
        yield return forged("nonce", SpdmConstants.NonceSize);
        yield return forged("opaque length", 2);
        if (ContextSize > 0) yield return forged("context", ContextSize);
        yield return forged("signature", Signature.SignatureSize);
    }

    private IEnumerable<Field> Measurements()
    {
        foreach (Field field in Header(IsForged)) yield return field;
        yield return Of("block count", 1, Stops);
        yield return Of("record length", 3, Stops);
        Assert.True(SpdmMeasurements.TryRead(Step.Response, out SpdmMeasurements head));
        Assert.True(SpdmMeasurement.TryRead(Step.Response.AsMemory(SpdmMeasurements.ByteSize, (int)head.RecordLength), out List<SpdmMeasurement> blocks));
        foreach (SpdmMeasurement block in blocks)
        {
            yield return Of("index", 1, IsForged);
            yield return Of("specification", 1, Stops);
            yield return Of("size", 2, Stops);
            yield return Of("type", 1, IsForged);
            yield return Of("value size", 2, Stops);
            yield return Of("value", block.Content.Length, IsForged);
        }

        yield return Of("nonce", SpdmConstants.NonceSize, IsForged);

        // Longer opaque data move the context, if there is one, and the signature.
        int rest = Room - SpdmMeasurements.ByteSize - (int)head.RecordLength - SpdmConstants.NonceSize - sizeof(ushort);
        yield return Of("opaque length", 2, value => ContextSize == 0 && (int)value <= rest ? IsForged : Stops);
        if (ContextSize > 0) yield return Of("context", ContextSize, Stops);
        yield return new Field("signature", Signature.SignatureSize, _ => IsForged, IsForged);
    }

    private IEnumerable<Field> KeyExchangeResponse()
    {
        int head = Version >= SpdmConstants.Version12 ? SpdmOpaqueHead.ByteSize : SpdmOpaqueHead11.ByteSize;
        int length = head + SpdmOpaqueElement.ByteSize + SpdmVersionSelection.ByteSize;
        int rest = Room - SpdmKeyExchangeResponse.ByteSize - ValueSize - sizeof(ushort);

        // Longer opaque data reach into the signature; shorter ones lack the version of records.
        return
        [
            .. Header(IsForged), Of("session id", 2, IsForged), Of("mutual authentication", 1, Lane.IsMutual ? IsForged : Stops), Of("slot", 1, IsForged), Of("random", SpdmConstants.NonceSize, IsForged), Of("value", ValueSize, IsForged),
            Of("opaque length", 2, value => (int)value > length && (int)value <= rest ? IsForged : Stops), .. OpaqueHead(), .. OpaqueElement(),
            Of("record version update", 1, IsForged), Of("record version", 1, value => value is SpdmConstants.SecuredVersion11 >> 8 or SpdmConstants.SecuredVersion12 >> 8 ? IsForged : Stops),
            new Field("signature", Signature.SignatureSize, _ => IsForged, IsForged), new Field("proof", HashSize, _ => IsForged, IsForged),
        ];
    }
}
