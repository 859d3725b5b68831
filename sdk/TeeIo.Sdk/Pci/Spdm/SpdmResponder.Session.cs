using TeeIo.Pci.SpdmVendor;

namespace TeeIo.Pci.Spdm;

/// <content>What comes inside a session.</content>
public sealed partial class SpdmResponder
{
    private SpdmErrorCode? OnFinish(SpdmHeader header, ReadOnlySpan<byte> request, SpdmResponderSession session)
    {
        if (session.Keys.IsPreShared) return SpdmErrorCode.UnexpectedRequest;
        if (header.Param1 != (session.Mutual is null ? 0 : SpdmConstants.FinishSigned)) return SpdmErrorCode.InvalidRequest;
        return Finish(request, session, SpdmMessage.FinishRsp);
    }

    private SpdmErrorCode? OnPskFinish(ReadOnlySpan<byte> request, SpdmResponderSession session) =>
        session.Keys.IsPreShared ? Finish(request, session, SpdmMessage.PskFinishRsp) : SpdmErrorCode.UnexpectedRequest;

    /// <summary>Checks the requester's proof that it has the session's keys.</summary>
    private SpdmErrorCode? Finish(ReadOnlySpan<byte> request, SpdmResponderSession session, SpdmMessage response)
    {
        SpdmReader reader = new(request);
        reader.TrySkip(SpdmHeader.ByteSize);
        bool hasOpaque = _connection.Version >= SpdmConstants.Version14;
        if (hasOpaque && !reader.TryTakeCounted(out _)) return SpdmErrorCode.InvalidRequest;
        int signatureSize = session.Mutual is null ? 0 : _connection.Suite.RequesterSignature!.SignatureSize;
        if (reader.Rest.Length != signatureSize + _connection.Suite.Hash.Size) return SpdmErrorCode.InvalidRequest;
        if (session.Mutual is not null) session.Handshake.Add(_connection.Suite.Hash.Digest(session.Mutual.Chain));
        session.Handshake.Add(reader.Past);
        if (session.Mutual is { } mutual)
        {
            reader.TryTake(signatureSize, out ReadOnlySpan<byte> signature);
            session.IsBroken = !mutual.Peer!.Verify(new SpdmStatement(_connection.Version, _connection.Suite.Hash, SpdmStatement.Finish, session.Handshake.Digest), signature);
            if (session.IsBroken) return SpdmErrorCode.DecryptError;
            session.Handshake.Add(signature);
        }

        if (!session.Handshake.TryAddProof(reader.Rest, session.Keys.RequesterVerifyData(session.Handshake.Digest)))
        {
            session.IsBroken = true;
            return SpdmErrorCode.DecryptError;
        }

        _answer.Begin(_connection.Version, response);
        if (hasOpaque) _answer.WriteUInt16(0);
        session.Handshake.Add(_answer.Written);
        return null;
    }

    private SpdmErrorCode? OnHeartbeat(ReadOnlySpan<byte> request)
    {
        if (request.Length != SpdmHeader.ByteSize) return SpdmErrorCode.InvalidRequest;
        _answer.Begin(_connection.Version, SpdmMessage.HeartbeatAck);
        return null;
    }

    private SpdmErrorCode? OnKeyUpdate(SpdmHeader header, ReadOnlySpan<byte> request, SpdmResponderSession session)
    {
        if (request.Length != SpdmHeader.ByteSize) return SpdmErrorCode.InvalidRequest;
        switch ((KeyUpdateOperation)header.Param1)
        {
            case KeyUpdateOperation.UpdateKey when !session.Keys.IsUpdating:
                session.Keys.UpdateIncoming();
                break;
            case KeyUpdateOperation.UpdateAllKeys when !session.Keys.IsUpdating:
                session.Keys.UpdateIncoming();
                session.Keys.UpdateOutgoing();
                break;
            case KeyUpdateOperation.VerifyNewKey when session.Keys.IsUpdating:
                session.Keys.ConfirmIncoming();
                break;
            default:
                return SpdmErrorCode.InvalidRequest;
        }

        _answer.Begin(_connection.Version, SpdmMessage.KeyUpdateAck, header.Param1, header.Param2);
        return null;
    }

    private SpdmErrorCode? OnEnd(ReadOnlySpan<byte> request)
    {
        if (request.Length != SpdmHeader.ByteSize) return SpdmErrorCode.InvalidRequest;
        _answer.Begin(_connection.Version, SpdmMessage.EndSessionAck);
        return null;
    }

    private SpdmErrorCode? OnVendorDefined(ReadOnlySpan<byte> request, SpdmResponderSession session)
    {
        if (!SpdmVendorMessage.TryUnwrap(request, out PciProtocol protocol, out ReadOnlySpan<byte> message)) return SpdmErrorCode.UnsupportedRequest;
        _answer.Begin();
        Span<byte> answer = _answer.Take(TransferSize);
        int length = _protocols.Answer(session.Keys.Id, protocol, message, answer[SpdmVendorDefined.ByteSize..]);
        if (length == 0) return SpdmErrorCode.UnsupportedRequest;
        _answer.TakeBack(answer.Length - SpdmVendorDefined.ByteSize - length);
        SpdmVendorMessage.WriteHead(answer, _connection.Version, SpdmMessage.VendorDefinedResponse, protocol, length);
        return null;
    }
}
