namespace TeeIo.Pci.Spdm;

/// <summary>How a responder changes the keys of what it sends: it says so, changes them, and has the requester confirm under the new ones.</summary>
/// <param name="session">The session.</param>
internal sealed class SpdmKeyUpdateFlow(SpdmSession session) : ISpdmFlow
{
    private KeyUpdateOperation _operation = KeyUpdateOperation.UpdateKey;
    private bool _isOver;

    public bool IsExclusive => false;

    public bool TryWrite(SpdmWriter request, byte version)
    {
        if (_isOver) return false;
        request.Begin(version, SpdmMessage.KeyUpdate, (int)_operation);
        return true;
    }

    public bool TryTake(ReadOnlySpan<byte> response)
    {
        bool isAcknowledged = response.Length == SpdmHeader.ByteSize && SpdmHeader.TryRead(response, out SpdmHeader header) && header.Code == SpdmMessage.KeyUpdateAck
            && header.Param1 == (byte)_operation;
        if (!isAcknowledged) return false;
        if (_operation == KeyUpdateOperation.UpdateKey) session.UpdateOutgoing();
        else _isOver = true;
        _operation = KeyUpdateOperation.VerifyNewKey;
        return true;
    }
}
