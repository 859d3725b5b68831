namespace TeeIo.Pci.Spdm;

/// <content>Requests and responses that don't go in one piece.</content>
public sealed partial class SpdmRequester
{
    private byte _handle;

    /// <summary>Carries a message over, in pieces if it is too large for the responder, and its response back, in pieces if the responder says that it is too large for this end.</summary>
    private IEnumerable<byte[]> Transfer(DeviceExchange exchange, byte[] message, SpdmMessage asked, bool isSecured)
    {
        bool isSettled = _connection.State >= SpdmConnectionState.AfterCapabilities;
        if (isSettled && message.Length > (_connection.HasPieces ? _connection.PeerMessageSize : _connection.PeerTransferSize))
        {
            exchange.Fail(DeviceFailure.BadSpdm, $"{asked} has {message.Length} bytes, more than the responder takes");
            yield break;
        }

        if (isSettled && message.Length > _connection.PeerTransferSize)
        {
            foreach (byte[] packet in SendPieces(exchange, message, asked, isSecured)) yield return packet;
        }
        else
        {
            yield return Pack(message, isSecured);
            if (!exchange.HasFailed) TryTakeResponse(exchange, asked, isSecured);
        }

        if (exchange.HasFailed || !IsLarge(out byte handle)) yield break;
        foreach (byte[] packet in GetPieces(exchange, handle, asked, isSecured)) yield return packet;
    }

    private bool IsLarge(out byte handle)
    {
        bool isError = _connection.HasPieces && SpdmHeader.TryRead(_response.Span, out SpdmHeader header) && header.Code == SpdmMessage.Error
            && (SpdmErrorCode)header.Param1 == SpdmErrorCode.LargeResponse && _response.Length > SpdmHeader.ByteSize;
        handle = isError ? _response.Span[SpdmHeader.ByteSize] : default;
        return isError;
    }

    private IEnumerable<byte[]> SendPieces(DeviceExchange exchange, byte[] whole, SpdmMessage asked, bool isSecured)
    {
        byte handle = _handle++;
        int position = 0;
        for (uint sequence = 0; position < whole.Length; sequence++)
        {
            position = SpdmPiece.Write(_request, _connection.Version, SpdmMessage.ChunkSend, handle, sequence, whole, position, _connection.PeerTransferSize);
            yield return Pack(_request.Written, isSecured);
            if (exchange.HasFailed || !TryTakeResponse(exchange, asked, isSecured)) yield break;
            bool isLast = position == whole.Length;
            if (isLast && IsLarge(out _)) yield break;
            bool isError = SpdmHeader.TryRead(_response.Span, out SpdmHeader header) && header.Code == SpdmMessage.Error;
            if (isError) yield break;
            bool isAcknowledged = SpdmPiece.TryReadNumber(_response.Span, _connection.Version, out byte answered, out uint number, out ReadOnlySpan<byte> rest)
                && header.Code == SpdmMessage.ChunkSendAck && answered == handle && number == sequence;
            bool isAnswered = isLast || header.Param1 != 0;
            if (!isAcknowledged || (isAnswered && rest.Length < SpdmHeader.ByteSize))
            {
                exchange.Fail(DeviceFailure.BadSpdm, $"a piece of {asked} wasn't acknowledged");
                yield break;
            }

            // What the last acknowledgement carries answers the whole request, or says why its pieces aren't taken; behind others there is padding at most.
            if (!isAnswered) continue;
            _response = rest.ToArray();
            yield break;
        }
    }

    private IEnumerable<byte[]> GetPieces(DeviceExchange exchange, byte handle, SpdmMessage asked, bool isSecured)
    {
        SpdmAssembly? assembly = null;
        for (uint sequence = 0; assembly is not { IsWhole: true }; sequence++)
        {
            SpdmPiece.WriteNumber(_request, _connection.Version, SpdmMessage.ChunkGet, handle, sequence);
            yield return Pack(_request.Written, isSecured);
            if (exchange.HasFailed || !TryTakeResponse(exchange, asked, isSecured)) yield break;
            if (TryTakePiece(handle, ref assembly)) continue;
            exchange.Fail(DeviceFailure.BadSpdm, $"a piece of the answer to {asked} is malformed, or isn't the next one");
            yield break;
        }

        _response = assembly.Whole;
    }

    private bool TryTakePiece(byte handle, ref SpdmAssembly? assembly)
    {
        bool isPiece = SpdmHeader.TryRead(_response.Span, out SpdmHeader header) && header.Code == SpdmMessage.ChunkResponse && header.Version == _connection.Version;
        if (!isPiece || !SpdmPiece.TryRead(_response.Span, _connection.Version, out SpdmPiece piece) || piece.Handle != handle) return false;
        if (assembly is not null) return assembly.TryAdd(in piece);
        assembly = SpdmAssembly.Begin(in piece, _options.MaxMessageSize);
        return assembly is not null;
    }
}
