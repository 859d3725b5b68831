namespace TeeIo.Pci.Spdm;

/// <summary>The certificate slots of an end, as far as they fit what was negotiated, and its answers to those who ask for them.</summary>
internal sealed class SpdmSlots
{
    private readonly List<(SpdmSlot Slot, byte[] Chain)> _slots;
    private readonly SpdmHash _hash;

    public SpdmSlots(ISpdmIdentity identity, SpdmSignatureAlgorithm? algorithm, SpdmHash hash)
    {
        _hash = hash;
        _slots = [.. identity.Slots.Where(slot => slot.Key.Algorithm == algorithm).Select(slot => (slot, slot.Chain(hash)))];
        foreach ((SpdmSlot slot, _) in _slots) Mask |= 1 << slot.Number;
    }

    /// <summary>A bit for each slot.</summary>
    public int Mask { get; }

    /// <summary>The chain of a slot; empty where there is none.</summary>
    public ReadOnlySpan<byte> Chain(int number)
    {
        foreach ((SpdmSlot slot, byte[] chain) in _slots)
        {
            if (slot.Number == number) return chain;
        }

        return default;
    }

    /// <summary>The key of a slot that there is.</summary>
    public ISpdmSigner Key(int number) => _slots.Find(pair => pair.Slot.Number == number).Slot.Key;

    /// <summary>Writes DIGESTS.</summary>
    public void WriteDigests(SpdmWriter answer, byte version)
    {
        answer.Begin(version, SpdmMessage.Digests, version < SpdmConstants.Version13 ? 0 : Mask, Mask);
        foreach ((_, byte[] chain) in _slots) answer.Write(_hash.Digest(chain));
    }

    /// <summary>Writes CERTIFICATE.</summary>
    /// <param name="answer">Receives it.</param>
    /// <param name="version">The negotiated version.</param>
    /// <param name="request">GET_CERTIFICATE.</param>
    /// <param name="room">The most bytes of a portion.</param>
    /// <returns>Why not, or null.</returns>
    public SpdmErrorCode? WriteCertificate(SpdmWriter answer, byte version, ReadOnlySpan<byte> request, int room)
    {
        if (!SpdmGetCertificate.TryRead(request, out SpdmGetCertificate asked)) return SpdmErrorCode.InvalidRequest;
        ReadOnlySpan<byte> chain = Chain(asked.Header.Param1);
        if (chain.IsEmpty) return SpdmErrorCode.InvalidRequest;
        bool isAboutSize = version >= SpdmConstants.Version13 && (asked.Header.Param2 & SpdmConstants.SlotSizeRequested) != 0;
        if (!isAboutSize && (asked.Length == 0 || asked.Offset >= chain.Length)) return SpdmErrorCode.InvalidRequest;
        int length = isAboutSize ? 0 : Math.Min(Math.Min(asked.Length, room), chain.Length - asked.Offset);
        int remainder = isAboutSize ? chain.Length : chain.Length - asked.Offset - length;
        answer.Begin(version, SpdmMessage.Certificate, asked.Header.Param1).WriteUInt16(length).WriteUInt16(remainder);
        if (length > 0) answer.Write(chain.Slice(asked.Offset, length));
        return null;
    }
}
