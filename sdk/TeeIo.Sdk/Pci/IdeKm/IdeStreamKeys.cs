using TeeIo.Pci.Spdm;
using TeeIo.Pci.SpdmVendor;

namespace TeeIo.Pci.IdeKm;

/// <summary>The keys of one IDE stream between a root port and a device. Made here, one end is put into the port and the other, through the session, into the device.</summary>
/// <param name="streamId">The stream's id on the link.</param>
/// <param name="channel">The session with the device.</param>
/// <param name="port">The root port's end.</param>
/// <param name="random">Where keys come from.</param>
public sealed class IdeStreamKeys(byte streamId, ISpdmChannel channel, IRootPortStreams port, Random random)
{
    private byte _keySet;

    /// <summary>Asks the device what it can do, programs the first key set and starts it.</summary>
    public IEnumerable<byte[]> SetUp(DeviceExchange exchange)
    {
        ArgumentNullException.ThrowIfNull(exchange);
        byte[] query = new byte[IdeKmQuery.ByteSize];
        IdeKmMessages.WriteQuery(query, portIndex: 0);
        yield return channel.Seal(PciProtocol.IdeKm, query);
        if (!Check(exchange, static message => IdeKmMessages.ReadQueryResponse(message, out _, out _).IsOk)) yield break;
        foreach (byte[] message in UseKeySet(exchange, keySet: 0)) yield return message;
    }

    /// <summary>Programs the other key set and changes to it.</summary>
    public IEnumerable<byte[]> Refresh(DeviceExchange exchange)
    {
        ArgumentNullException.ThrowIfNull(exchange);
        return UseKeySet(exchange, (byte)(_keySet ^ 1));
    }

    /// <summary>Stops the device's use of the keys.</summary>
    public IEnumerable<byte[]> Stop(DeviceExchange exchange)
    {
        ArgumentNullException.ThrowIfNull(exchange);
        byte[] stop = new byte[IdeKmKey.ByteSize];
        foreach (IdeKeySlot slot in IdeKeySlot.OfKeySet(_keySet))
        {
            IdeKmMessages.WriteStopKeySet(stop, streamId, slot.KeySet, slot.Direction, slot.SubStream, portIndex: 0);
            yield return channel.Seal(PciProtocol.IdeKm, stop);
            if (!Check(exchange, message => IdeKmMessages.ReadStopKeySetResponse(message, out IdeKmKey answer).IsOk && IsAbout(in answer, slot))) yield break;
        }
    }

    private IEnumerable<byte[]> UseKeySet(DeviceExchange exchange, byte keySet)
    {
        foreach (IdeKeySlot slot in IdeKeySlot.OfKeySet(keySet))
        {
            byte[] key = new byte[IdeKmConstants.KeySize];
            random.NextBytes(key);
            port.Program(streamId, keySet, slot.Opposite.Direction, slot.SubStream, key);
            byte[] program = new byte[IdeKmKeyProg.ByteSize];
            byte[] wireKey = IdeKmMessages.SwapKey(key);
            IdeKmMessages.WriteProgramKey(program, streamId, keySet, slot.Direction, slot.SubStream, portIndex: 0, wireKey, ifvHigh: 0, IdeKmConstants.InitialIfv);
            yield return channel.Seal(PciProtocol.IdeKm, program);
            if (!Check(exchange, message => IsProgrammed(message, slot))) yield break;
        }

        // The receivers first, so that nothing arrives that can't be read.
        byte[] start = new byte[IdeKmKey.ByteSize];
        foreach (IdeKeySlot slot in IdeKeySlot.OfKeySet(keySet))
        {
            IdeKmMessages.WriteStartKeySet(start, streamId, keySet, slot.Direction, slot.SubStream, portIndex: 0);
            yield return channel.Seal(PciProtocol.IdeKm, start);
            if (!Check(exchange, message => IdeKmMessages.ReadStartKeySetResponse(message, out IdeKmKey answer).IsOk && IsAbout(in answer, slot))) yield break;
        }

        port.Enable(streamId, keySet);
        _keySet = keySet;
    }

    private bool Check(DeviceExchange exchange, Func<byte[], bool> isExpected)
    {
        if (!channel.TryOpen(PciProtocol.IdeKm, exchange, out byte[] message)) return false;
        if (isExpected(message)) return true;
        exchange.Fail(DeviceFailure.BadIdeKm);
        return false;
    }

    private bool IsProgrammed(byte[] message, IdeKeySlot slot) =>
        IdeKmMessages.ReadProgramKeyResponse(message, out IdeKmKpAck answer).IsOk && answer.Status == KpAckStatus.Success
        && answer.StreamId == streamId && answer.PortIndex == 0 && slot == new IdeKeySlot(answer.KeySet, answer.Direction, answer.SubStream);

    private bool IsAbout(in IdeKmKey answer, IdeKeySlot slot) =>
        answer.StreamId == streamId && answer.PortIndex == 0 && slot == new IdeKeySlot(answer.KeySet, answer.Direction, answer.SubStream);
}
