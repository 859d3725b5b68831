using System.Security.Cryptography;

namespace TeeIo.Pci.Spdm;

/// <summary>Reads the other end's certificate chain, in as many portions as it gives.</summary>
/// <param name="slot">Whose chain.</param>
/// <param name="hash">The negotiated hash algorithm.</param>
/// <param name="most">The most bytes that a portion may have.</param>
internal sealed class SpdmChainReader(byte slot, SpdmHash hash, int most)
{
    private readonly List<byte> _portions = [];
    private ReadOnlyMemory<byte> _digest;

    /// <summary>The chain, as far as it was read.</summary>
    public byte[] Chain => [.. _portions];

    /// <summary>Whether the chain is the one that DIGESTS told of, if that was read.</summary>
    public bool IsAsTold => _digest.IsEmpty || CryptographicOperations.FixedTimeEquals(hash.Digest(Chain), _digest.Span);

    /// <summary>Takes DIGESTS.</summary>
    /// <param name="response">The response.</param>
    /// <param name="length">Its bytes.</param>
    /// <returns>False where it is malformed, or the slot has no chain.</returns>
    public bool TakeDigests(ReadOnlySpan<byte> response, out int length)
    {
        SpdmHeader.TryRead(response, out SpdmHeader header);
        int before = 0;
        int count = 0;
        for (int i = 0; i <= SpdmConstants.MaxSlot; i++)
        {
            if ((header.Param2 >> i & 1) == 0) continue;
            count++;
            if (i < slot) before++;
        }

        length = SpdmHeader.ByteSize + (count * hash.Size);
        if ((header.Param2 >> slot & 1) == 0 || response.Length < length) return false;
        _digest = response.Slice(SpdmHeader.ByteSize + (before * hash.Size), hash.Size).ToArray();
        return true;
    }

    /// <summary>Begins to read the chain.</summary>
    public void Begin() => _portions.Clear();

    /// <summary>Writes GET_CERTIFICATE for the next portion.</summary>
    public void WriteRequest(SpdmWriter request, byte version) =>
        request.Begin(version, SpdmMessage.GetCertificate, slot).WriteUInt16(_portions.Count).WriteUInt16(most);

    /// <summary>Takes CERTIFICATE.</summary>
    /// <param name="response">The response.</param>
    /// <param name="length">Its bytes.</param>
    /// <returns>Bytes of the chain that are missing; negative where the portion is malformed.</returns>
    public int TakePortion(ReadOnlySpan<byte> response, out int length)
    {
        length = 0;
        if (!SpdmCertificate.TryRead(response, out SpdmCertificate portion) || (portion.Header.Param1 & SpdmConstants.SlotMask) != slot) return -1;
        ReadOnlySpan<byte> rest = response[SpdmCertificate.ByteSize..];
        if (portion.PortionLength == 0 || portion.PortionLength > most || portion.PortionLength > rest.Length) return -1;
        if (_portions.Count + portion.PortionLength + portion.RemainderLength > ushort.MaxValue) return -1;
        _portions.AddRange(rest[..portion.PortionLength]);
        length = SpdmCertificate.ByteSize + portion.PortionLength;
        return portion.RemainderLength;
    }
}
