using TeeIo.Platform.Hardware;
using TeeIo.Sev.Psp;

namespace TeeIo.Sev.Firmware.Memory;

/// <summary>A buffer with a header, over pages that were checked: a data object lies in it.</summary>
/// <param name="memory">The machine's memory.</param>
/// <param name="pages">The buffer's pages.</param>
internal sealed class SlaBuffer(PhysicalMemory memory, ulong[] pages)
{
    /// <summary>The size that the header says, once opened.</summary>
    public int Capacity { get; private set; }

    /// <summary>Bytes that a buffer needs for an object of <paramref name="length"/>.</summary>
    public static int SizeFor(int length) => SlaBufferHdr.ByteSize + Padded(length);

    /// <summary>Reads the header. A size that the pages don't have, or that has no room for an object, is refused.</summary>
    public SevRet Open()
    {
        SlaBufferHdr header = ReadHeader();
        bool isRight = header.CapacitySz > SlaBufferHdr.ByteSize && header.CapacitySz <= (ulong)pages.Length * PhysicalMemory.PageSize;
        Capacity = isRight ? (int)header.CapacitySz : 0;
        return isRight ? SevRet.Success : SevRet.IncorrectBufferLength;
    }

    /// <summary>Asks for a larger buffer.</summary>
    public void Ask(int capacity)
    {
        SlaBufferHdr header = ReadHeader();
        header.CapacitySz = (uint)capacity;
        Write(header);
    }

    /// <summary>Puts an object into the buffer, which must have room for it.</summary>
    public void Put(ReadOnlySpan<byte> content)
    {
        byte[] padded = new byte[Padded(content.Length)];
        content.CopyTo(padded);
        Write(new SlaBufferHdr { CapacitySz = (uint)Capacity, PayloadSz = (uint)padded.Length });
        Write(SlaBufferHdr.ByteSize, padded);
    }

    /// <summary>Copies the payload out, once.</summary>
    /// <returns>False where the header's size isn't one of an object in this buffer, or the payload is encrypted.</returns>
    public bool TryTake(out byte[] payload)
    {
        SlaBufferHdr header = ReadHeader();
        bool isRight = header.Flags == 0 && header.PayloadSz % TioFirmwareConstants.BufferPayloadUnit == 0 && header.PayloadSz <= (uint)(Capacity - SlaBufferHdr.ByteSize);
        payload = new byte[isRight ? (int)header.PayloadSz : 0];
        if (isRight) Read(SlaBufferHdr.ByteSize, payload);
        return isRight;
    }

    private static int Padded(int length) => (length + TioFirmwareConstants.BufferPayloadUnit - 1) / TioFirmwareConstants.BufferPayloadUnit * TioFirmwareConstants.BufferPayloadUnit;

    private SlaBufferHdr ReadHeader()
    {
        Span<byte> bytes = stackalloc byte[SlaBufferHdr.ByteSize];
        Read(0, bytes);
        SlaBufferHdr.TryRead(bytes, out SlaBufferHdr header);
        return header;
    }

    private void Write(SlaBufferHdr header)
    {
        Span<byte> bytes = stackalloc byte[SlaBufferHdr.ByteSize];
        header.Write(bytes);
        Write(0, bytes);
    }

    private void Read(int offset, Span<byte> destination)
    {
        while (destination.Length > 0)
        {
            int count = PieceLength(offset, destination.Length);
            memory.Read(At(offset), destination[..count], KeyId.Shared);
            offset += count;
            destination = destination[count..];
        }
    }

    private void Write(int offset, ReadOnlySpan<byte> source)
    {
        while (source.Length > 0)
        {
            int count = PieceLength(offset, source.Length);
            memory.Write(At(offset), source[..count], KeyId.Shared);
            offset += count;
            source = source[count..];
        }
    }

    private ulong At(int offset) => pages[offset / PhysicalMemory.PageSize] + ((ulong)offset % PhysicalMemory.PageSize);

    private static int PieceLength(int offset, int length) => Math.Min(length, PhysicalMemory.PageSize - (offset % PhysicalMemory.PageSize));
}
