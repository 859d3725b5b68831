using System.Buffers.Binary;

namespace TeeIo.Pci.Spdm;

/// <content>What an endpoint says of itself, and the events that it tells of.</content>
public sealed partial class SpdmRequester
{
    /// <summary>The responder's device class, once it was asked for: a count and elements, as DMTF defines them.</summary>
    public ReadOnlyMemory<byte> EndpointInfo { get; private set; }

    /// <summary>Asks the responder for its device class.</summary>
    /// <param name="exchange">The relay.</param>
    /// <param name="isSigned">Whether it is signed; the chain must have been read then.</param>
    public IEnumerable<byte[]> ReadEndpointInfo(DeviceExchange exchange, bool isSigned)
    {
        RequireNegotiated();
        _request.Begin(_connection.Version, SpdmMessage.GetEndpointInfo, (int)EndpointInfoCode.DeviceClass, isSigned ? _options.Slot : 0);
        _request.Write([isSigned ? (byte)SpdmConstants.EndpointInfoSigned : (byte)0, 0, 0, 0]);
        if (isSigned) _request.WriteRandom(_random, SpdmConstants.NonceSize);
        return AskForEndpointInfo(exchange, isSigned, _request.Written.ToArray());
    }

    /// <summary>Subscribes to all events of the session's responder.</summary>
    /// <exception cref="InvalidOperationException">No session is up.</exception>
    public IEnumerable<byte[]> Subscribe(DeviceExchange exchange)
    {
        RequireSession();
        return AskForEvents(exchange);
    }

    private IEnumerable<byte[]> AskForEndpointInfo(DeviceExchange exchange, bool isSigned, byte[] request)
    {
        foreach (byte[] packet in Ask(exchange)) yield return packet;
        if (!exchange.HasFailed && !TakeEndpointInfo(request, isSigned)) exchange.Fail(isSigned ? DeviceFailure.NotAuthentic : DeviceFailure.BadSpdm, "ENDPOINT_INFO is malformed, or its signature is wrong");
    }

    private IEnumerable<byte[]> AskForEvents(DeviceExchange exchange)
    {
        _request.Begin(_connection.Version, SpdmMessage.GetSupportedEventTypes);
        foreach (byte[] packet in Ask(exchange)) yield return packet;
        if (exchange.HasFailed) yield break;
        if (!SpdmEventTypes.TryRead(_response.Span, out SpdmEventTypes offered) || offered.ListLength != _response.Length - SpdmEventTypes.ByteSize || offered.ListLength == 0)
        {
            exchange.Fail(DeviceFailure.BadSpdm, "SUPPORTED_EVENT_TYPES is malformed, or has none");
            yield break;
        }

        // All that is offered, word for word.
        byte[] list = _response.Span[SpdmHeader.ByteSize..].ToArray();
        _request.Begin(_connection.Version, SpdmMessage.SubscribeEventTypes, offered.Header.Param1).Write(list);
        foreach (byte[] packet in Ask(exchange)) yield return packet;
    }

    private bool TakeEndpointInfo(ReadOnlySpan<byte> request, bool isSigned)
    {
        SpdmReader reader = new(_response.Span);
        if (!reader.TrySkip(SpdmEndpointInfo.ByteSize) || (isSigned && !reader.TrySkip(SpdmConstants.NonceSize)) || !reader.TryTake(sizeof(uint), out ReadOnlySpan<byte> size)) return false;
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(size);
        if (length > int.MaxValue || !reader.TryTake((int)length, out ReadOnlySpan<byte> info)) return false;
        byte[] told = info.ToArray();
        if (isSigned && (_peer is null || !IsSigned(ref reader, SpdmStatement.EndpointInfo, _connection.Transcript.DigestOfConnection(_connection.Suite.Hash, request, reader.Past)))) return false;
        EndpointInfo = told;
        return true;
    }
}
