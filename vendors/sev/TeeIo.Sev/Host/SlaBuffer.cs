using System.Runtime.InteropServices;
using TeeIo.Sev.Psp;
using TeeIo.Sev.Rmp;

namespace TeeIo.Sev.Host;

/// <summary>A buffer of a conversation with a device: a header, and a data object. What the firmware writes into it is read once and believed only as far as the buffer reaches.</summary>
internal sealed class SlaBuffer
{
    /// <summary>Bytes that any buffer needs.</summary>
    public const int MinSize = SlaBufferHdr.ByteSize + SpdmDobjHdrOutput.ByteSize;

    private readonly SevFirmware _firmware;
    private SlaPages _pages;

    private SlaBuffer(SevFirmware firmware, SlaPages pages)
    {
        _firmware = firmware;
        _pages = pages;
    }

    /// <summary>Its scatter-list address.</summary>
    public SlaId Address => new(_pages.Address);

    /// <summary>Bytes of the largest payload.</summary>
    public int Capacity => _pages.Size - SlaBufferHdr.ByteSize;

    /// <summary>Takes a buffer of at least <paramref name="size"/> bytes; null where memory is short.</summary>
    public static SlaBuffer? Take(SevFirmware firmware, int size, bool isFirmware) =>
        SlaPages.Take(firmware, size, isFirmware, Header(size, payload: 0)) is { } pages ? new SlaBuffer(firmware, pages) : null;

    /// <summary>Reads the payload that the firmware left.</summary>
    /// <returns>False where its length can't be, or it is encrypted.</returns>
    public bool TryReadPayload(out byte[] payload)
    {
        payload = [];
        SlaBufferHdr header = ReadHeader();
        if (header.PayloadSz > Capacity || header.PayloadSz % TioFirmwareConstants.BufferPayloadUnit != 0 || header.Flags != SlaBufferFlags.None) return false;
        payload = new byte[(int)header.PayloadSz];
        _pages.Read(SlaBufferHdr.ByteSize, payload);
        return true;
    }

    /// <summary>Replaces the payload of a buffer of the host, whose length is a multiple of the payload's unit.</summary>
    public void WritePayload(ReadOnlySpan<byte> payload) => _pages.Write([.. Header(_pages.Size, payload.Length), .. payload]);

    /// <summary>Grows the buffer where the firmware wants it larger. The content moves along; the address is another one.</summary>
    /// <param name="hasGrown">Whether it was wanted.</param>
    /// <returns>False where more is wanted than a buffer can be, or than there is.</returns>
    public bool TryGrow(out bool hasGrown)
    {
        uint wanted = ReadHeader().CapacitySz;
        hasGrown = wanted > _pages.Size;
        if (!hasGrown) return true;
        if (wanted > SlaPages.MaxSize) return false;
        byte[] content = new byte[_pages.Size];
        _pages.Read(0, content);
        SlaBufferHdr header = MemoryMarshal.Read<SlaBufferHdr>(content);
        header.CapacitySz = (uint)Whole((int)wanted);
        header.Write(content);
        if (SlaPages.Take(_firmware, (int)wanted, _pages.IsFirmware, content) is not { } larger) return false;
        _pages.Return();
        _pages = larger;
        return true;
    }

    /// <summary>Frees the buffer.</summary>
    /// <returns>False where the firmware keeps a page of it, which is in quarantine then.</returns>
    public bool Return() => _pages.Return();

    private static int Whole(int size) => (size + RmpConstants.PageSize - 1) / RmpConstants.PageSize * RmpConstants.PageSize;

    private static byte[] Header(int size, int payload)
    {
        byte[] header = new byte[SlaBufferHdr.ByteSize];
        new SlaBufferHdr { CapacitySz = (uint)Whole(size), PayloadSz = (uint)payload }.Write(header);
        return header;
    }

    private SlaBufferHdr ReadHeader()
    {
        byte[] header = new byte[SlaBufferHdr.ByteSize];
        _pages.Read(0, header);
        return MemoryMarshal.Read<SlaBufferHdr>(header);
    }
}
