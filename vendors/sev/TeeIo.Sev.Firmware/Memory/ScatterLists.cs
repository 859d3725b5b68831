using System.Buffers.Binary;
using TeeIo.Boundaries;
using TeeIo.Platform.Hardware;
using TeeIo.Sev.Psp;

namespace TeeIo.Sev.Firmware.Memory;

/// <summary>Reads scatter-list addresses (SLAs): one page, or a page of the host that lists up to 511 and an end. Lists aren't chained, and pages have 4 KiB.</summary>
/// <param name="memory">The machine's memory.</param>
/// <param name="pages">Whose pages are whose.</param>
internal sealed class ScatterLists(PhysicalMemory memory, FirmwarePages pages)
{
    /// <summary>Reads the pages that <paramref name="sla"/> stands for, from memory once. They are different pages of memory.</summary>
    public SevRet Read(SlaId sla, out ulong[] found)
    {
        found = [];
        SevRet status = ReadAddress(sla.Value, out SlaAddress address, out ulong page);
        if (status != SevRet.Success) return status;
        if (!address.IsScatter)
        {
            found = [page];
            return SevRet.Success;
        }

        status = pages.CheckHost(page);
        if (status != SevRet.Success) return status;
        Span<byte> bytes = stackalloc byte[TioFirmwareConstants.SlaEntries * SlaAddress.ByteSize];
        memory.Read(page, bytes, KeyId.Shared);
        var listed = new List<ulong>();
        for (int i = 0; i < TioFirmwareConstants.SlaEntries; i++)
        {
            ulong word = BinaryPrimitives.ReadUInt64LittleEndian(bytes[(i * SlaAddress.ByteSize)..]);
            if (word == TioFirmwareConstants.SlaEnd)
            {
                found = [.. listed];
                return listed.Count > 0 && listed.Distinct().Count() == listed.Count ? SevRet.Success : SevRet.InvalidAddress;
            }

            status = ReadAddress(word, out SlaAddress entry, out ulong data);
            if (status == SevRet.Success && entry.IsScatter) status = SevRet.InvalidParam;
            if (status != SevRet.Success) return status;
            listed.Add(data);
        }

        return SevRet.InvalidAddress;
    }

    /// <summary>Reads an SLA whose pages must be the firmware's, at least <paramref name="size"/> bytes of them.</summary>
    public SevRet ReadFirmware(SlaId sla, int size, out ulong[] found)
    {
        SevRet status = Read(sla, out found);
        if (status != SevRet.Success) return status;
        foreach (ulong page in found)
        {
            status = pages.CheckFirmware(page);
            if (status != SevRet.Success) return status;
        }

        return found.Length * (long)PhysicalMemory.PageSize >= size ? SevRet.Success : SevRet.InvalidLen;
    }

    private SevRet ReadAddress(ulong word, out SlaAddress address, out ulong page)
    {
        address = RegisterBoundary.Unpack<SlaAddress>(word);
        page = pages.Physical(address.Pfn * PhysicalMemory.PageSize);
        if (address.Reserved0 != 0 || address.Reserved1 != 0 || address.Is2m) return SevRet.InvalidParam;
        return memory.IsMemory(page) ? SevRet.Success : SevRet.InvalidAddress;
    }
}
