namespace TeeIo.Pci.Spdm;

/// <content>Requests and responses that don't go in one piece, or not at once.</content>
public sealed partial class SpdmResponder
{
    private SpdmErrorCode? OnChunkSend(ReadOnlySpan<byte> request, SpdmResponderSession? session)
    {
        SpdmTransfers transfers = session?.Transfers ?? _transfers;
        if (transfers.Outgoing is not null) return SpdmErrorCode.UnexpectedRequest;
        if (!SpdmPiece.TryRead(request, _connection.Version, out SpdmPiece piece)) return SpdmErrorCode.InvalidRequest;
        bool isTaken;
        if (transfers.Incoming is { } incoming)
        {
            isTaken = incoming.TryAdd(in piece);
        }
        else
        {
            transfers.Incoming = SpdmAssembly.Begin(in piece, _options.MaxMessageSize);
            isTaken = transfers.Incoming is not null;
        }

        if (isTaken && !transfers.Incoming!.IsWhole)
        {
            SpdmPiece.WriteNumber(_answer, _connection.Version, SpdmMessage.ChunkSendAck, piece.Handle, piece.Sequence);
            return null;
        }

        byte[] whole = isTaken ? transfers.Incoming!.Whole : [];
        transfers.Incoming = null;
        AnswerWhole(whole, session);

        // A response that has become one in pieces stands alone; any other stands in the acknowledgement.
        if (transfers.Outgoing is not null) return null;
        byte[] inner = _answer.Written.ToArray();
        SpdmPiece.WriteNumber(_answer, _connection.Version, SpdmMessage.ChunkSendAck, piece.Handle, piece.Sequence, isEarlyError: !isTaken);
        if (_answer.Length + inner.Length > TransferSize)
        {
            transfers.BeginOutgoing(inner);
            _answer.Begin(_connection.Version, SpdmMessage.Error, (int)SpdmErrorCode.LargeResponse).Write([transfers.OutgoingHandle]);
            return null;
        }

        _answer.Write(inner);
        return null;
    }

    /// <summary>Writes the answer to a request that has come in pieces; nothing that is about pieces itself can be one.</summary>
    private void AnswerWhole(byte[] whole, SpdmResponderSession? session)
    {
        bool isRequest = SpdmHeader.TryRead(whole, out SpdmHeader header)
            && header.Code is not (SpdmMessage.ChunkSend or SpdmMessage.ChunkGet or SpdmMessage.GetVersion or SpdmMessage.GetCapabilities) && SpdmRequestRule.Find(header.Code) is not null;
        if (isRequest) Serve(whole, session);
        else Refuse(header, SpdmErrorCode.InvalidRequest);
    }

    private SpdmErrorCode? OnChunkGet(ReadOnlySpan<byte> request, SpdmResponderSession? session)
    {
        SpdmTransfers transfers = session?.Transfers ?? _transfers;
        if (transfers.Outgoing is not { } response) return SpdmErrorCode.UnexpectedRequest;
        bool isNext = SpdmPiece.TryReadNumber(request, _connection.Version, out byte handle, out uint sequence, out _) && handle == transfers.OutgoingHandle && sequence == transfers.OutgoingSequence;
        if (!isNext) return SpdmErrorCode.InvalidRequest;
        transfers.OutgoingPosition = SpdmPiece.Write(_answer, _connection.Version, SpdmMessage.ChunkResponse, handle, sequence, response, transfers.OutgoingPosition, TransferSize);
        transfers.OutgoingSequence++;
        if (transfers.OutgoingPosition == response.Length) transfers.EndOutgoing();
        return null;
    }

    /// <summary>Puts a request off if it takes its time. A request that nobody comes back for is dropped by the next one.</summary>
    private bool Defers(SpdmHeader header, ReadOnlySpan<byte> message, SpdmTransfers transfers)
    {
        transfers.Deferred = null;
        bool isQuick = header.Code is SpdmMessage.GetVersion or SpdmMessage.GetCapabilities or SpdmMessage.NegotiateAlgorithms or SpdmMessage.ChunkSend or SpdmMessage.ChunkGet;
        if (isQuick || _options.IsReady is not { } isReady || isReady(header.Code)) return false;
        transfers.Deferred = message.ToArray();
        transfers.Token++;
        _answer.Begin();
        new SpdmResponseNotReady
        {
            Header = new SpdmHeader { Version = _connection.Version, Code = SpdmMessage.Error, Param1 = (byte)SpdmErrorCode.ResponseNotReady },
            RdtExponent = _options.DelayExponent,
            RequestCode = (byte)header.Code,
            Token = transfers.Token,
            Rdtm = SpdmConstants.MinDelayMultiple,
        }.Write(_answer.Take(SpdmResponseNotReady.ByteSize));
        return true;
    }

    private void RespondDeferred(SpdmHeader header, SpdmResponderSession? session, SpdmTransfers transfers)
    {
        if (transfers.Deferred is { } deferred && header.Param1 == deferred[1] && header.Param2 == transfers.Token) Respond(deferred, session);
        else Refuse(header, transfers.Deferred is null ? SpdmErrorCode.UnexpectedRequest : SpdmErrorCode.InvalidRequest);
    }
}
