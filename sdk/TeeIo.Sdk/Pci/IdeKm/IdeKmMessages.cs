using TeeIo.Boundaries;

namespace TeeIo.Pci.IdeKm;

/// <summary>Writes and reads the objects of IDE_KM on the requester's side. There is no error object: the answer of a responder that refuses is SPDM's.</summary>
public static class IdeKmMessages
{
    /// <summary>Writes QUERY.</summary>
    /// <returns>Bytes written.</returns>
    public static int WriteQuery(Span<byte> destination, byte portIndex)
    {
        new IdeKmQuery { Header = Header(IdeKmObject.Query), PortIndex = portIndex }.Write(destination);
        return IdeKmQuery.ByteSize;
    }

    /// <summary>Writes KEY_PROG.</summary>
    /// <param name="destination">Receives it.</param>
    /// <param name="streamId">The stream.</param>
    /// <param name="keySet">The key set.</param>
    /// <param name="direction">The direction, as the programmed port sees it.</param>
    /// <param name="subStream">The sub-stream.</param>
    /// <param name="portIndex">The port.</param>
    /// <param name="key">The key in its order on the wire; see <see cref="SwapKey"/>.</param>
    /// <param name="ifvHigh">High half of the initial value.</param>
    /// <param name="ifvLow">Low half of the initial value.</param>
    /// <returns>Bytes written.</returns>
    public static int WriteProgramKey(
        Span<byte> destination, byte streamId, byte keySet, IdeDirection direction, IdeSubStream subStream, byte portIndex, ReadOnlySpan<byte> key, uint ifvHigh, uint ifvLow)
    {
        if (key.Length != IdeKmConstants.KeySize) throw new ArgumentException($"A key has {IdeKmConstants.KeySize} bytes, not {key.Length}.", nameof(key));
        IdeKmKeyProg message = new()
        {
            Header = Header(IdeKmObject.KeyProg),
            StreamId = streamId,
            KeySet = keySet,
            Direction = direction,
            SubStream = subStream,
            PortIndex = portIndex,
            IfvHigh = ifvHigh,
            IfvLow = ifvLow,
        };
        key.CopyTo(message.Key);
        message.Write(destination);
        return IdeKmKeyProg.ByteSize;
    }

    /// <summary>Writes K_SET_GO.</summary>
    /// <returns>Bytes written.</returns>
    public static int WriteStartKeySet(Span<byte> destination, byte streamId, byte keySet, IdeDirection direction, IdeSubStream subStream, byte portIndex) =>
        WriteKey(destination, IdeKmObject.KSetGo, streamId, new IdeKeySlot(keySet, direction, subStream), portIndex);

    /// <summary>Writes K_SET_STOP.</summary>
    /// <returns>Bytes written.</returns>
    public static int WriteStopKeySet(Span<byte> destination, byte streamId, byte keySet, IdeDirection direction, IdeSubStream subStream, byte portIndex) =>
        WriteKey(destination, IdeKmObject.KSetStop, streamId, new IdeKeySlot(keySet, direction, subStream), portIndex);

    /// <summary>Reads QUERY_RESP.</summary>
    public static MessageResult ReadQueryResponse(ReadOnlySpan<byte> message, out IdeKmQueryResponse response, out ReadOnlySpan<byte> capability)
    {
        bool isLongEnough = IdeKmQueryResponse.TryRead(message, out response);
        capability = isLongEnough ? message[IdeKmQueryResponse.ByteSize..] : default;
        return Judge(isLongEnough && response.Reserved == 0, response.Header, IdeKmObject.QueryResp);
    }

    /// <summary>Reads KP_ACK.</summary>
    public static MessageResult ReadProgramKeyResponse(ReadOnlySpan<byte> message, out IdeKmKpAck response) =>
        Judge(IdeKmKpAck.TryRead(message, out response) && message.Length == IdeKmKpAck.ByteSize, response.Header, IdeKmObject.KpAck);

    /// <summary>Reads K_GOSTOP_ACK after K_SET_GO.</summary>
    public static MessageResult ReadStartKeySetResponse(ReadOnlySpan<byte> message, out IdeKmKey response) =>
        Judge(IdeKmKey.TryRead(message, out response) && message.Length == IdeKmKey.ByteSize, response.Header, IdeKmObject.KGostopAck);

    /// <summary>Reads K_GOSTOP_ACK after K_SET_STOP.</summary>
    public static MessageResult ReadStopKeySetResponse(ReadOnlySpan<byte> message, out IdeKmKey response) => ReadStartKeySetResponse(message, out response);

    /// <summary>Changes a key between its own order and that on the wire.</summary>
    public static byte[] SwapKey(ReadOnlySpan<byte> key)
    {
        byte[] swapped = key.ToArray();
        for (int i = 0; i + IdeKmConstants.KeyGroupSize <= swapped.Length; i += IdeKmConstants.KeyGroupSize) swapped.AsSpan(i, IdeKmConstants.KeyGroupSize).Reverse();
        return swapped;
    }

    internal static int WriteKey(Span<byte> destination, IdeKmObject code, byte streamId, IdeKeySlot slot, byte portIndex)
    {
        new IdeKmKey { Header = Header(code), StreamId = streamId, KeySet = slot.KeySet, Direction = slot.Direction, SubStream = slot.SubStream, PortIndex = portIndex }.Write(destination);
        return IdeKmKey.ByteSize;
    }

    internal static IdeKmHeader Header(IdeKmObject code) => new() { ObjectId = code };

    private static MessageResult Judge(bool isWellFormed, IdeKmHeader header, IdeKmObject expected)
    {
        if (!isWellFormed) return new MessageResult(MessageFailure.Malformed);
        return header.ObjectId == expected ? MessageResult.Ok : new MessageResult(MessageFailure.Unexpected);
    }
}
