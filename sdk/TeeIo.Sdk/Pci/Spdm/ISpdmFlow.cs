namespace TeeIo.Pci.Spdm;

/// <summary>Requests that a responder has for its requester, one after the other; they travel in the responses to what the requester asks.</summary>
internal interface ISpdmFlow
{
    /// <summary>Whether nothing but this is in order until it is over.</summary>
    bool IsExclusive { get; }

    /// <summary>Writes the next request.</summary>
    /// <returns>False where there is none: the flow is over.</returns>
    bool TryWrite(SpdmWriter request, byte version);

    /// <summary>Takes the response to the last request.</summary>
    /// <returns>False where it isn't one, or isn't a good one: the flow is over.</returns>
    bool TryTake(ReadOnlySpan<byte> response);
}
