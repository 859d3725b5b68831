using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace TeeIo.Boundaries;

/// <summary>Carries registers in a page of shared memory. Bit n of the page's bitmap says that the 8 bytes at offset 8n count.</summary>
/// <typeparam name="TRegisters">The registers.</typeparam>
public sealed class RegisterPage<TRegisters>
    where TRegisters : unmanaged
{
    private readonly int _bitmapOffset;
    private readonly int _bitmapSize;
    private readonly int _valid;
    private readonly ImmutableArray<RegisterPlace> _places;

    /// <summary>Describes a page.</summary>
    /// <param name="size">Bytes of the page.</param>
    /// <param name="bitmapOffset">Where its bitmap is.</param>
    /// <param name="bitmapSize">Bytes of the bitmap.</param>
    /// <param name="valid">Index of the register whose bits say which of the others count.</param>
    /// <param name="places">Where each register is.</param>
    public RegisterPage(int size, int bitmapOffset, int bitmapSize, int valid, ImmutableArray<RegisterPlace> places) =>
        (Size, _bitmapOffset, _bitmapSize, _valid, _places) = (size, bitmapOffset, bitmapSize, valid, places);

    /// <summary>Bytes of the page.</summary>
    public int Size { get; }

    /// <summary>Writes the registers that count, and marks them and no others.</summary>
    /// <param name="registers">The registers.</param>
    /// <param name="page">The page; what else is in it stays.</param>
    /// <exception cref="ArgumentException"><paramref name="page"/> is too short.</exception>
    public void Write(in TRegisters registers, Span<byte> page)
    {
        Require(page);
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<TRegisters, ulong>(new ReadOnlySpan<TRegisters>(in registers));
        Clear(page);
        Span<byte> bitmap = page.Slice(_bitmapOffset, _bitmapSize);
        Span<byte> word = stackalloc byte[sizeof(ulong)];
        foreach (RegisterPlace place in _places)
        {
            if (((words[_valid] >> place.Register) & 1) == 0) continue;
            BinaryPrimitives.WriteUInt64LittleEndian(word, words[place.Register]);
            word[..place.Size].CopyTo(page[place.Offset..]);
            bitmap[place.Bit / 8] |= (byte)(1 << (place.Bit % 8));
        }
    }

    /// <summary>Reads the registers that count; the others are zero. Each byte of the page is read once.</summary>
    /// <param name="page">The page.</param>
    /// <param name="registers">The registers.</param>
    /// <exception cref="ArgumentException"><paramref name="page"/> is too short.</exception>
    public void Read(ReadOnlySpan<byte> page, out TRegisters registers)
    {
        Require(page);
        registers = default;
        Span<ulong> words = MemoryMarshal.Cast<TRegisters, ulong>(new Span<TRegisters>(ref registers));
        Span<byte> bitmap = stackalloc byte[_bitmapSize];
        page.Slice(_bitmapOffset, _bitmapSize).CopyTo(bitmap);
        Span<byte> word = stackalloc byte[sizeof(ulong)];
        foreach (RegisterPlace place in _places)
        {
            if ((bitmap[place.Bit / 8] & (1 << (place.Bit % 8))) == 0) continue;
            word.Clear();
            page.Slice(place.Offset, place.Size).CopyTo(word);
            words[place.Register] = BinaryPrimitives.ReadUInt64LittleEndian(word);
            words[_valid] |= 1UL << place.Register;
        }
    }

    /// <summary>Says that nothing in the page counts, as the callee does when it has read a call.</summary>
    /// <exception cref="ArgumentException"><paramref name="page"/> is too short.</exception>
    public void Clear(Span<byte> page)
    {
        Require(page);
        page.Slice(_bitmapOffset, _bitmapSize).Clear();
    }

    private void Require(ReadOnlySpan<byte> page)
    {
        if (page.Length < Size) throw new ArgumentException($"The page has {page.Length} bytes; it needs {Size}.", nameof(page));
    }
}
