using System.Buffers.Binary;
using TeeIo.Boundaries;
using TeeIo.Sev.Psp;
using TeeIo.Sev.Rmp;

namespace TeeIo.Sev.Host;

/// <summary>Memory that the firmware is told by one scatter-list address: a single page by its own, several by that of a page of the host which lists them.</summary>
internal sealed class SlaPages
{
    /// <summary>Bytes of the largest such memory: lists aren't chained, and the last entry of one ends it.</summary>
    public const int MaxSize = (TioFirmwareConstants.SlaEntries - 1) * RmpConstants.PageSize;

    private readonly SevFirmware _firmware;
    private readonly ulong[] _pages;
    private readonly ulong _list;

    private SlaPages(SevFirmware firmware, ulong[] pages, ulong list, bool isFirmware)
    {
        _firmware = firmware;
        _pages = pages;
        _list = list;
        IsFirmware = isFirmware;
    }

    /// <summary>Whether the pages are the firmware's. The list always stays the host's.</summary>
    public bool IsFirmware { get; }

    /// <summary>Bytes of all pages.</summary>
    public int Size => _pages.Length * RmpConstants.PageSize;

    /// <summary>The scatter-list address.</summary>
    public ulong Address => _list != 0 ? AddressOf(_list, isScatter: true) : AddressOf(_pages[0], isScatter: false);

    /// <summary>Takes pages for at least <paramref name="size"/> bytes; null where memory is short.</summary>
    /// <param name="firmware">The firmware.</param>
    /// <param name="size">Bytes, from 1 to <see cref="MaxSize"/>.</param>
    /// <param name="isFirmware">Whether the pages become the firmware's.</param>
    /// <param name="content">What they begin with; the rest is zero.</param>
    public static SlaPages? Take(SevFirmware firmware, int size, bool isFirmware, ReadOnlySpan<byte> content = default)
    {
        int count = (size + RmpConstants.PageSize - 1) / RmpConstants.PageSize;
        if (!firmware.Pages.TryTake(count > 1 ? count + 1 : 1, out ulong[] taken)) return null;
        var pages = new SlaPages(firmware, taken[..count], count > 1 ? taken[count] : 0, isFirmware);
        if (count > 1) pages.WriteList();
        pages.Fill(content);
        if (!isFirmware || firmware.Pages.TryGive(pages._pages)) return pages;
        pages.GiveListBack();
        return null;
    }

    /// <summary>Reads from <paramref name="offset"/> on. The host may read pages of the firmware.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the pages.</exception>
    public void Read(int offset, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(destination.Length, Size - offset, nameof(destination));
        byte[] page = new byte[RmpConstants.PageSize];
        for (int done = 0; done < destination.Length;)
        {
            (int index, int start) = Math.DivRem(offset + done, RmpConstants.PageSize);
            int length = Math.Min(RmpConstants.PageSize - start, destination.Length - done);
            _firmware.Memory.Read(_pages[index], page.AsSpan(..(start + length)));
            page.AsSpan(start, length).CopyTo(destination[done..]);
            done += length;
        }
    }

    /// <summary>Writes from the start on, into pages that are the host's; the rest becomes zero.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Larger than the pages.</exception>
    /// <exception cref="InvalidOperationException">The pages are the firmware's.</exception>
    public void Write(ReadOnlySpan<byte> content)
    {
        if (IsFirmware) throw new InvalidOperationException("The host can't write pages of the firmware.");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(content.Length, Size, nameof(content));
        Fill(content);
    }

    /// <summary>Frees the pages; those of the firmware once it has given them back.</summary>
    /// <returns>False where the firmware keeps one, which is in quarantine then.</returns>
    public bool Return()
    {
        bool all = true;
        if (IsFirmware) all = _firmware.Pages.Return(_pages);
        else _firmware.Pages.GiveBack(_pages);
        if (all) GiveListBack();
        else QuarantineList("the firmware did not give up a page that this one lists");
        return all;
    }

    /// <summary>Takes the pages out of use that the firmware may still own.</summary>
    public void Quarantine(string reason)
    {
        _firmware.Pages.Quarantine(_pages, reason);
        QuarantineList(reason);
    }

    private static ulong AddressOf(ulong page, bool isScatter) =>
        RegisterBoundary.Pack(new SlaAddress { IsScatter = isScatter, Pfn = page / RmpConstants.PageSize });

    private void WriteList()
    {
        byte[] list = new byte[(_pages.Length + 1) * SlaAddress.ByteSize];
        for (int i = 0; i <= _pages.Length; i++)
        {
            ulong entry = i < _pages.Length ? AddressOf(_pages[i], isScatter: false) : TioFirmwareConstants.SlaEnd;
            BinaryPrimitives.WriteUInt64LittleEndian(list.AsSpan(i * SlaAddress.ByteSize), entry);
        }

        _firmware.Memory.Write(_list, list);
    }

    private void Fill(ReadOnlySpan<byte> content)
    {
        byte[] page = new byte[RmpConstants.PageSize];
        for (int i = 0; i < _pages.Length; i++)
        {
            page.AsSpan().Clear();
            ReadOnlySpan<byte> rest = content[Math.Min(i * RmpConstants.PageSize, content.Length)..];
            rest[..Math.Min(rest.Length, RmpConstants.PageSize)].CopyTo(page);
            _firmware.Memory.Write(_pages[i], page);
        }
    }

    private void QuarantineList(string reason)
    {
        if (_list != 0) _firmware.Pages.Quarantine([_list], reason);
    }

    private void GiveListBack()
    {
        if (_list != 0) _firmware.Pages.GiveBack([_list]);
    }
}
