using TeeIo.Boundaries;

namespace TeeIo.Sev.Tests;

/// <summary>Messages as the tests write them, and a firmware that answers with one that a test wrote.</summary>
internal sealed class GuestMessage(string answer = "") : MessageTransport
{
    public byte[] Seen { get; private set; } = [];

    /// <summary>A message: kind, version and payload. Tag, sequence number and key are zero, as they are before the transport's work.</summary>
    public static string Text(string kind, string version, string payload)
    {
        int size = Hex.Bytes(payload).Length;
        return $"{Hex.Zeros(32)} {Hex.Zeros(8)} {Hex.Zeros(8)} 01 01 6000 {kind} {version} {size & 0xFF:X2}{size >> 8:X2} 00000000 00 {Hex.Zeros(35)} {payload}";
    }

    public override SysResult Exchange(ReadOnlySpan<byte> request, Span<byte> response)
    {
        Seen = request.ToArray();
        byte[] bytes = Hex.Bytes(answer);
        bytes.CopyTo(response);
        return new SysResult(bytes.Length);
    }
}
