using System.Buffers.Binary;

namespace TeeIo.Pci.Spdm;

/// <content>What an endpoint says of itself, and the events that it tells of.</content>
public sealed partial class SpdmResponder
{
    private SpdmErrorCode? OnEndpointInfo(SpdmHeader header, ReadOnlySpan<byte> request)
    {
        SpdmReader reader = new(request);
        if (!SpdmGetEndpointInfo.TryRead(request, out SpdmGetEndpointInfo asked) || !reader.TrySkip(SpdmGetEndpointInfo.ByteSize)) return SpdmErrorCode.InvalidRequest;
        if ((EndpointInfoCode)header.Param1 != EndpointInfoCode.DeviceClass) return SpdmErrorCode.InvalidRequest;
        bool isSigned = (asked.Attributes & SpdmConstants.EndpointInfoSigned) != 0;
        int slot = header.Param2 & SpdmConstants.SlotMask;
        if (isSigned && (!reader.TrySkip(SpdmConstants.NonceSize) || _slots.Chain(slot).IsEmpty)) return SpdmErrorCode.InvalidRequest;
        _answer.Begin(_connection.Version, SpdmMessage.EndpointInfo, 0, isSigned ? slot : 0).Write(stackalloc byte[SpdmEndpointInfo.ByteSize - SpdmHeader.ByteSize]);
        if (isSigned) _answer.WriteRandom(_random, SpdmConstants.NonceSize);
        BinaryPrimitives.WriteInt32LittleEndian(_answer.Take(sizeof(uint)), _options.EndpointInfo.Length);
        _answer.Write(_options.EndpointInfo.Span);
        if (isSigned) Sign(slot, SpdmStatement.EndpointInfo, _connection.Transcript.DigestOfConnection(_connection.Suite.Hash, reader.Past, _answer.Written));
        return null;
    }

    private SpdmErrorCode? OnEventTypes()
    {
        _answer.Begin(_connection.Version, SpdmMessage.SupportedEventTypes, _options.EventGroups.Count);
        WriteEventGroups();
        return null;
    }

    /// <summary>Subscribes to all groups or to none: how their list looks was not read anywhere, so that parts of it can't be told apart.</summary>
    private SpdmErrorCode? OnSubscribe(SpdmHeader header, ReadOnlySpan<byte> request, SpdmResponderSession session)
    {
        bool isNone = header.Param1 == 0 && request.Length == SpdmHeader.ByteSize;
        bool isAll = SpdmEventTypes.TryRead(request, out SpdmEventTypes asked) && asked.ListLength == request.Length - SpdmEventTypes.ByteSize && header.Param1 == _options.EventGroups.Count
            && request[SpdmEventTypes.ByteSize..].SequenceEqual(EventGroupList());
        if (!isNone && !isAll) return SpdmErrorCode.InvalidRequest;
        session.IsSubscribed = isAll;
        _answer.Begin(_connection.Version, SpdmMessage.SubscribeEventTypesAck);
        return null;
    }

    private byte[] EventGroupList() => [.. _options.EventGroups.SelectMany(group => group.ToArray())];

    private void WriteEventGroups()
    {
        byte[] list = EventGroupList();
        BinaryPrimitives.WriteInt32LittleEndian(_answer.Take(sizeof(uint)), list.Length);
        _answer.Write(list);
    }
}
