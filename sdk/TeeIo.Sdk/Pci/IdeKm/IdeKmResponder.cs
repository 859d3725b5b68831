namespace TeeIo.Pci.IdeKm;

/// <summary>A device's end of IDE_KM for its one port. KEY_PROG with a wrong length, port, stream, sub-stream or initial value is answered with a status; other
/// objects that don't fit are not answered, so that SPDM refuses them.</summary>
/// <param name="port">The port.</param>
public sealed class IdeKmResponder(IIdePort port)
{
    private bool _isQueried;

    /// <summary>Forgets that the port was queried, as its session has ended.</summary>
    public void Reset() => _isQueried = false;

    /// <summary>Answers an object.</summary>
    /// <returns>Bytes of <paramref name="response"/>; 0 where there is no answer.</returns>
    public int Answer(ReadOnlySpan<byte> message, Span<byte> response)
    {
        if (!IdeKmHeader.TryRead(message, out IdeKmHeader header)) return 0;
        return header.ObjectId switch
        {
            IdeKmObject.Query => OnQuery(message, response),
            IdeKmObject.KeyProg => OnProgram(message, response),
            IdeKmObject.KSetGo or IdeKmObject.KSetStop => OnKeySet(header.ObjectId, message, response),
            _ => 0,
        };
    }

    private int OnQuery(ReadOnlySpan<byte> message, Span<byte> response)
    {
        if (message.Length != IdeKmQuery.ByteSize || !IdeKmQuery.TryRead(message, out IdeKmQuery query) || query.Reserved != 0 || query.PortIndex != 0) return 0;
        _isQueried = true;
        byte[] capability = port.Capability;
        new IdeKmQueryResponse
        {
            Header = IdeKmMessages.Header(IdeKmObject.QueryResp),
            DeviceFunction = (byte)port.Address.RequesterId,
            Bus = port.Address.Bus,
            Segment = (byte)port.Address.Segment,
        }.Write(response);
        capability.CopyTo(response[IdeKmQueryResponse.ByteSize..]);
        return IdeKmQueryResponse.ByteSize + capability.Length;
    }

    private int OnProgram(ReadOnlySpan<byte> message, Span<byte> response)
    {
        if (!IdeKmKey.TryRead(message, out IdeKmKey named)) return 0;
        IdeKmKpAck answer = new()
        {
            Header = IdeKmMessages.Header(IdeKmObject.KpAck),
            StreamId = named.StreamId,
            KeySet = named.KeySet,
            Direction = named.Direction,
            SubStream = named.SubStream,
            PortIndex = named.PortIndex,
            Status = Judge(message, out IdeKmKeyProg program),
        };
        if (answer.Status == KpAckStatus.Success) port.Program(program.StreamId, Slot(in named), IdeKmMessages.SwapKey(program.Key));
        answer.Write(response);
        return IdeKmKpAck.ByteSize;
    }

    private KpAckStatus Judge(ReadOnlySpan<byte> message, out IdeKmKeyProg program)
    {
        if (!IdeKmKeyProg.TryRead(message, out program) || message.Length != IdeKmKeyProg.ByteSize) return KpAckStatus.IncorrectLength;
        if (program.PortIndex != 0) return KpAckStatus.UnsupportedPortIndex;
        if (!_isQueried) return KpAckStatus.UnspecifiedFailure;
        bool isValue = program.SubStream <= IdeSubStream.Cpl && program.IfvHigh == 0 && program.IfvLow == IdeKmConstants.InitialIfv && port.HasStream(program.StreamId);
        return isValue ? KpAckStatus.Success : KpAckStatus.UnsupportedValue;
    }

    private int OnKeySet(IdeKmObject code, ReadOnlySpan<byte> message, Span<byte> response)
    {
        if (message.Length != IdeKmKey.ByteSize || !IdeKmKey.TryRead(message, out IdeKmKey key)) return 0;
        if (key.PortIndex != 0 || key.SubStream > IdeSubStream.Cpl || !port.HasStream(key.StreamId)) return 0;
        if (code == IdeKmObject.KSetStop) port.Stop(key.StreamId, Slot(in key));
        else if (!port.Start(key.StreamId, Slot(in key))) return 0;
        return IdeKmMessages.WriteKey(response, IdeKmObject.KGostopAck, key.StreamId, Slot(in key), key.PortIndex);
    }

    private static IdeKeySlot Slot(in IdeKmKey key) => new(key.KeySet, key.Direction, key.SubStream);
}
