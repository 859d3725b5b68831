using TeeIo.Boundaries;

namespace TeeIo.Sdk.Tests;

/// <summary>Answers each request with the same bytes, and keeps the last request.</summary>
internal sealed class ScriptedDevice(string? answer) : MessageTransport
{
    public string Request { get; private set; } = "";

    public override SysResult Exchange(ReadOnlySpan<byte> request, Span<byte> response)
    {
        Request = Convert.ToHexString(request);
        if (answer is null) return TeeIo.Linux.Errno.EIO;
        byte[] bytes = Convert.FromHexString(answer);
        bytes.CopyTo(response);
        return SysResult.Of(bytes.Length);
    }
}
