using System.Buffers.Binary;
using TeeIo.Boundaries;
using TeeIo.Platform.Hardware;
using TeeIo.Tdx.Seamcall;
using TeeIo.Tdx.Status;

namespace TeeIo.Tdx.Module.Memory;

/// <summary>Lists of pages in one word (hpa_array_t), as they come from the host and go back to it.</summary>
/// <param name="memory">The machine's memory.</param>
/// <param name="pages">Whose pages are whose.</param>
internal sealed class PageArray(PhysicalMemory memory, PageOwnership pages)
{
    /// <summary>Reads the addresses that <paramref name="word"/> stands for, from memory once.</summary>
    public Outcome Read(ulong word, TdxOperandId operand, out ulong[] hpas)
    {
        HpaArrayT array = RegisterBoundary.Unpack<HpaArrayT>(word);
        ulong first = array.Page * SeamcallConstants.PageSize;
        int count = (int)array.LastEntry + 1;
        if (count == 1)
        {
            hpas = [first];
            return Outcome.Success;
        }

        hpas = [];
        Outcome root = pages.CheckFree(first, operand);
        if (!root.IsSuccess) return root;
        Span<byte> bytes = stackalloc byte[count * sizeof(ulong)];
        memory.Read(first, bytes, KeyId.Shared);
        hpas = new ulong[count];
        for (int i = 0; i < count; i++) hpas[i] = BinaryPrimitives.ReadUInt64LittleEndian(bytes[(i * sizeof(ulong))..]);
        return Outcome.Success;
    }

    /// <summary>Names <paramref name="hpas"/> in one word; more than one are listed in the page <paramref name="root"/>.</summary>
    public Outcome Write(ReadOnlySpan<ulong> hpas, ulong root, TdxOperandId operand, out ulong word)
    {
        word = 0;
        ulong first = hpas[0];
        if (hpas.Length > 1)
        {
            Outcome free = pages.CheckFree(root, operand);
            if (!free.IsSuccess) return free;
            WriteList(root, hpas);
            first = root;
        }

        word = RegisterBoundary.Pack(new HpaArrayT { Page = first / SeamcallConstants.PageSize, LastEntry = (ulong)(hpas.Length - 1) });
        return Outcome.Success;
    }

    /// <summary>Writes a list of words to the host's page <paramref name="root"/>.</summary>
    public void WriteList(ulong root, ReadOnlySpan<ulong> words)
    {
        Span<byte> bytes = stackalloc byte[words.Length * sizeof(ulong)];
        for (int i = 0; i < words.Length; i++) BinaryPrimitives.WriteUInt64LittleEndian(bytes[(i * sizeof(ulong))..], words[i]);
        memory.Write(root, bytes, KeyId.Shared);
    }

    /// <summary>Copies <paramref name="content"/> into the host's pages that <paramref name="word"/> stands for.</summary>
    public Outcome Fill(ulong word, ReadOnlySpan<byte> content, TdxOperandId operand)
    {
        Outcome read = Read(word, operand, out ulong[] hpas);
        if (!read.IsSuccess) return read;
        if (content.Length > hpas.Length * SeamcallConstants.PageSize) return Outcome.Invalid(operand);
        foreach (ulong hpa in hpas)
        {
            Outcome free = pages.CheckFree(hpa, operand);
            if (!free.IsSuccess) return free;
        }

        for (int i = 0; content.Length > 0; i++)
        {
            ReadOnlySpan<byte> part = content[..Math.Min(content.Length, SeamcallConstants.PageSize)];
            memory.Write(hpas[i], part, KeyId.Shared);
            content = content[part.Length..];
        }

        return Outcome.Success;
    }
}
