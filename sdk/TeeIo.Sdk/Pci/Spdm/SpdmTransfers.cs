namespace TeeIo.Pci.Spdm;

/// <summary>What a responder remembers of a context, which is a session or what is outside of all, from one request to the next.</summary>
internal sealed class SpdmTransfers
{
    /// <summary>A request that comes in pieces.</summary>
    public SpdmAssembly? Incoming { get; set; }

    /// <summary>A response that goes in pieces.</summary>
    public byte[]? Outgoing { get; private set; }

    public byte OutgoingHandle { get; private set; }

    public uint OutgoingSequence { get; set; }

    public int OutgoingPosition { get; set; }

    /// <summary>A request whose answer takes its time.</summary>
    public byte[]? Deferred { get; set; }

    public byte Token { get; set; }

    /// <summary>Whether a transfer is under way, so that nothing else is in order.</summary>
    public bool IsBusy => Incoming is not null || Outgoing is not null;

    /// <summary>Begins to send a response in pieces.</summary>
    public void BeginOutgoing(ReadOnlySpan<byte> response)
    {
        Outgoing = response.ToArray();
        OutgoingHandle++;
        (OutgoingSequence, OutgoingPosition) = (0, 0);
    }

    public void EndOutgoing() => Outgoing = null;

    public void Clear() => (Incoming, Outgoing, Deferred) = (null, null, null);
}
