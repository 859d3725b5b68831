namespace TeeIo.Pci.Spdm;

/// <summary>Sees every message of a connection in the clear, and changes nothing: for traces.</summary>
public interface ISpdmTap
{
    /// <summary>A message goes out or has come in.</summary>
    /// <param name="isRequest">Whether it goes from the requester to the responder.</param>
    /// <param name="sessionId">Its session; 0 outside of sessions.</param>
    /// <param name="message">The message; padding may follow.</param>
    void Message(bool isRequest, uint sessionId, ReadOnlySpan<byte> message);
}
