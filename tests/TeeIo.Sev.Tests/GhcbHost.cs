using System.Buffers.Binary;
using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Sev.Ghcb;

namespace TeeIo.Sev.Tests;

/// <summary>Carries calls through a page as hardware does: keeps what the guest wrote, and answers with quadwords that a test sets.</summary>
internal sealed class GhcbHost : RegisterTransport<GhcbRegisters>
{
    // A host always says how the call ended.
    private readonly List<(int Offset, ulong Value)> _answer = [(0x398, 0), (0x3A0, 0)];

    /// <summary>The quadwords of the page that aren't zero, as <c>390:80000021 398:1008</c>.</summary>
    public string Seen { get; private set; } = "";

    /// <summary>Lets the host write <paramref name="value"/>.</summary>
    public GhcbHost Answer(int offset, ulong value)
    {
        _answer.Add((offset, value));
        return this;
    }

    public override void Call(CallInfo call, ref GhcbRegisters registers)
    {
        byte[] page = new byte[GhcbPage.ByteSize];
        GhcbCodec.Page.Write(in registers, page);
        Seen = Text(page);
        GhcbCodec.Page.Clear(page);
        foreach ((int offset, ulong value) in _answer) BinaryPrimitives.WriteUInt64LittleEndian(page.AsSpan(offset), value);
        GhcbCodec.Page.Read(page, out registers);
    }

    public static string Text(ReadOnlySpan<byte> page)
    {
        List<string> words = [];
        for (int at = 0; at < page.Length; at += sizeof(ulong))
        {
            ulong word = BinaryPrimitives.ReadUInt64LittleEndian(page[at..]);
            if (word != 0) words.Add($"{at:x}:{word:x}");
        }

        return string.Join(' ', words);
    }
}
