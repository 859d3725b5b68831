using TeeIo.Platform.Hardware;
using TeeIo.Sev.Psp;

namespace TeeIo.Sev.Firmware.Memory;

/// <summary>Checks the pages that the host names, and writes what the firmware gives. What the firmware writes is its own page; what it reads from the host isn't anybody's.</summary>
/// <param name="memory">The machine's memory.</param>
/// <param name="rmp">Whose pages are whose.</param>
/// <param name="cBit">The bit of an address that doesn't count.</param>
internal sealed class FirmwarePages(PhysicalMemory memory, ReverseMap rmp, int cBit)
{
    /// <summary>An address without the C-bit.</summary>
    public ulong Physical(ulong address) => address & ~(1UL << cBit);

    /// <summary>Whether <paramref name="page"/> is a page that the firmware has and uses for nothing else.</summary>
    public SevRet CheckFirmware(ulong page)
    {
        if (!IsPage(page)) return SevRet.InvalidAddress;
        RmpEntry entry = rmp[page];
        if (entry.IsGuest) return SevRet.InvalidPageOwner;
        return entry.IsFirmware && entry.Use == PageUse.Free ? SevRet.Success : SevRet.InvalidPageState;
    }

    /// <summary>Whether <paramref name="page"/> is a page of the host.</summary>
    public SevRet CheckHost(ulong page)
    {
        if (!IsPage(page)) return SevRet.InvalidAddress;
        return rmp[page].IsAssigned ? SevRet.InvalidPageState : SevRet.Success;
    }

    /// <summary>Whether <paramref name="length"/> bytes at <paramref name="address"/> are in one page that the firmware may write. Before SNP is initialised there are no such
    /// pages, and the host's own do.</summary>
    public SevRet CheckOutput(SysPaddrId address, int length, bool isSnpInitialised = true)
    {
        ulong hpa = Physical(address.Value);
        ulong offset = hpa % PhysicalMemory.PageSize;
        if (offset + (ulong)length > PhysicalMemory.PageSize) return SevRet.InvalidAddress;
        return isSnpInitialised ? CheckFirmware(hpa - offset) : CheckHost(hpa - offset);
    }

    /// <summary>Writes <paramref name="content"/> where <see cref="CheckOutput"/> has allowed it.</summary>
    public void Give(SysPaddrId address, ReadOnlySpan<byte> content) => memory.Write(Physical(address.Value), content, KeyId.Shared);

    private bool IsPage(ulong page) => page % PhysicalMemory.PageSize == 0 && memory.IsMemory(page);
}
