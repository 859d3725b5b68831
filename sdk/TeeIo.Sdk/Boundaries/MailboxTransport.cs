using TeeIo.Flow;

namespace TeeIo.Boundaries;

/// <summary>Carries one command of a shared-buffer mailbox: writes the buffer, rings, waits for the status, reads the data.</summary>
public abstract class MailboxTransport
{
    /// <summary>Runs <paramref name="operation"/> on <paramref name="target"/>.</summary>
    /// <param name="call">What the caller means.</param>
    /// <param name="operation">The operation code.</param>
    /// <param name="target">The object that the command is for (a device id, say); 0 where a mailbox has none.</param>
    /// <param name="request">Request data; may be empty.</param>
    /// <param name="response">Receives the response data.</param>
    /// <param name="responseLength">Bytes of response data.</param>
    public abstract MailboxResult Exchange(
        CallInfo call, uint operation, ulong target, ReadOnlySpan<byte> request, Span<byte> response, out int responseLength);
}
