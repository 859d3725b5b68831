namespace TeeIo.Pci.Spdm;

/// <summary>How a responder tells its requester of events.</summary>
/// <param name="events">The events.</param>
internal sealed class SpdmEventFlow(IReadOnlyList<SpdmEvent> events) : ISpdmFlow
{
    private bool _isOver;

    public bool IsExclusive => false;

    public bool TryWrite(SpdmWriter request, byte version)
    {
        if (_isOver) return false;
        request.Begin();
        new SpdmSendEvent { Header = new SpdmHeader { Version = version, Code = SpdmMessage.SendEvent }, EventCount = (uint)events.Count }.Write(request.Take(SpdmSendEvent.ByteSize));
        foreach (SpdmEvent happened in events) happened.Write(request);
        return true;
    }

    public bool TryTake(ReadOnlySpan<byte> response)
    {
        _isOver = SpdmHeader.TryRead(response, out SpdmHeader header) && header.Code == SpdmMessage.EventAck;
        return _isOver;
    }
}
