namespace TeeIo.Platform.Hardware;

/// <summary>The machine's memory and its windows of memory-mapped I/O. What is written under a key of a VM lies there enciphered: the host, which has no key, reads ciphertext,
/// and a reader with another key reads noise.</summary>
public sealed class PhysicalMemory : IDisposable
{
    /// <summary>Bytes of a page.</summary>
    public const int PageSize = 4096;

    private const ulong FirstPage = 0x1_0000_0000;
    private readonly byte[]?[] _pages;
    private readonly Stack<int> _free;
    private readonly bool[] _allocated;
    private readonly Dictionary<KeyId, MemoryCipher> _ciphers = [];
    private readonly List<MmioWindow> _windows = [];
    private readonly Random _random;

    /// <summary>Memory of <paramref name="pageCount"/> pages.</summary>
    /// <param name="pageCount">Number of pages.</param>
    /// <param name="seed">What its keys follow from.</param>
    public PhysicalMemory(int pageCount, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(pageCount);
        _pages = new byte[pageCount][];
        _allocated = new bool[pageCount];
        _free = new Stack<int>(Enumerable.Range(0, pageCount).Reverse());
        _random = new Random(seed);
    }

    /// <summary>Number of pages.</summary>
    public int PageCount => _pages.Length;

    /// <summary>Number of pages that nobody has.</summary>
    public int FreePages => _free.Count;

    /// <summary>Takes a page, zeroed as the host sees it.</summary>
    /// <returns>Its host-physical address, or 0 where none is left.</returns>
    public ulong AllocatePage()
    {
        if (!_free.TryPop(out int index)) return 0;
        _allocated[index] = true;
        if (_pages[index] is { } bytes) Array.Clear(bytes);
        return FirstPage + ((ulong)index * PageSize);
    }

    /// <summary>Gives a page back.</summary>
    /// <exception cref="ArgumentException">Nobody has taken it.</exception>
    public void FreePage(ulong hpa)
    {
        int index = Index(hpa);
        if (hpa % PageSize != 0 || !_allocated[index]) throw new ArgumentException($"0x{hpa:x} isn't a page that is in use; free each allocated page once.", nameof(hpa));
        _allocated[index] = false;
        _free.Push(index);
    }

    /// <summary>Whether <paramref name="hpa"/> is in memory, not in a window of I/O or in a hole.</summary>
    public bool IsMemory(ulong hpa) => hpa >= FirstPage && (hpa - FirstPage) / PageSize < (ulong)_pages.Length;

    /// <summary>Reads memory under <paramref name="key"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no memory.</exception>
    public void Read(ulong hpa, Span<byte> destination, KeyId key)
    {
        while (destination.Length > 0)
        {
            int inPage = (int)(hpa % PageSize);
            int count = Math.Min(destination.Length, PageSize - inPage);
            byte[] page = Page(hpa);
            if (key == KeyId.Shared) page.AsSpan(inPage, count).CopyTo(destination);
            else Deciphered(page, hpa, count, key, out int lead).AsSpan(lead, count).CopyTo(destination);
            hpa += (ulong)count;
            destination = destination[count..];
        }
    }

    /// <summary>Writes memory under <paramref name="key"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no memory.</exception>
    public void Write(ulong hpa, ReadOnlySpan<byte> source, KeyId key)
    {
        while (source.Length > 0)
        {
            int inPage = (int)(hpa % PageSize);
            int count = Math.Min(source.Length, PageSize - inPage);
            byte[] page = Page(hpa);
            if (key == KeyId.Shared)
            {
                source[..count].CopyTo(page.AsSpan(inPage));
            }
            else
            {
                byte[] blocks = Deciphered(page, hpa, count, key, out int lead);
                source[..count].CopyTo(blocks.AsSpan(lead));
                Cipher(key).Encrypt(hpa - (ulong)lead, blocks);
                blocks.CopyTo(page.AsSpan(inPage - lead));
            }

            hpa += (ulong)count;
            source = source[count..];
        }
    }

    /// <summary>Replaces a key by a new one. What was written under the old one is noise from now on.</summary>
    public void ReplaceKey(KeyId key)
    {
        if (_ciphers.Remove(key, out MemoryCipher? old)) old.Dispose();
    }

    /// <summary>Puts a device's window into the address space.</summary>
    /// <exception cref="ArgumentException">The range is empty, not whole pages, or in use.</exception>
    public void AttachMmio(ulong hpa, ulong length, IMmioTarget target)
    {
        ArgumentNullException.ThrowIfNull(target);
        if (length == 0 || length % PageSize != 0 || hpa % PageSize != 0) throw new ArgumentException($"0x{hpa:x}+0x{length:x} isn't a range of whole pages.", nameof(length));
        ulong memoryEnd = FirstPage + ((ulong)_pages.Length * PageSize);
        if ((hpa < memoryEnd && FirstPage < hpa + length) || _windows.Exists(w => w.Overlaps(hpa, length)))
            throw new ArgumentException($"0x{hpa:x}+0x{length:x} overlaps memory or another window.", nameof(hpa));
        _windows.Add(new MmioWindow(hpa, length, target));
    }

    /// <summary>Whether a device answers at <paramref name="hpa"/>.</summary>
    public bool IsMmio(ulong hpa) => _windows.Exists(w => w.Contains(hpa));

    /// <summary>Reads memory-mapped I/O; all ones where no device answers.</summary>
    public void ReadMmio(ulong hpa, Span<byte> destination, bool tee)
    {
        if (_windows.Find(w => w.Contains(hpa)) is { } window) window.Target.Read(hpa - window.Base, destination, tee);
        else destination.Fill(0xFF);
    }

    /// <summary>Writes memory-mapped I/O; dropped where no device answers.</summary>
    public void WriteMmio(ulong hpa, ReadOnlySpan<byte> source, bool tee)
    {
        if (_windows.Find(w => w.Contains(hpa)) is { } window) window.Target.Write(hpa - window.Base, source, tee);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (MemoryCipher cipher in _ciphers.Values) cipher.Dispose();
        _ciphers.Clear();
    }

    /// <summary>The blocks around a range within a page, in plain; <paramref name="lead"/> bytes of them precede the range.</summary>
    private byte[] Deciphered(byte[] page, ulong hpa, int count, KeyId key, out int lead)
    {
        int inPage = (int)(hpa % PageSize);
        lead = inPage % MemoryCipher.BlockSize;
        int start = inPage - lead;
        int end = (inPage + count + MemoryCipher.BlockSize - 1) / MemoryCipher.BlockSize * MemoryCipher.BlockSize;
        byte[] blocks = page[start..end];
        Cipher(key).Decrypt(hpa - (ulong)lead, blocks);
        return blocks;
    }

    private MemoryCipher Cipher(KeyId key)
    {
        if (!_ciphers.TryGetValue(key, out MemoryCipher? cipher)) _ciphers.Add(key, cipher = new MemoryCipher(_random));
        return cipher;
    }

    private byte[] Page(ulong hpa) => _pages[Index(hpa)] ??= new byte[PageSize];

    private int Index(ulong hpa)
    {
        if (!IsMemory(hpa)) throw new ArgumentOutOfRangeException(nameof(hpa), $"There is no memory at 0x{hpa:x}.");
        return (int)((hpa - FirstPage) / PageSize);
    }
}
