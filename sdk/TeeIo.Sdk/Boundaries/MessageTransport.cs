namespace TeeIo.Boundaries;

/// <summary>Exchanges one request message for one response message.</summary>
public abstract class MessageTransport
{
    /// <summary>Sends <paramref name="request"/> and receives the answer into <paramref name="response"/>.</summary>
    /// <returns>Bytes received, or the errno where nothing came back.</returns>
    public abstract SysResult Exchange(ReadOnlySpan<byte> request, Span<byte> response);
}
