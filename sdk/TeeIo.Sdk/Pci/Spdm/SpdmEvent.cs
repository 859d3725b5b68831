namespace TeeIo.Pci.Spdm;

/// <summary>Something that happened in a device, one of DMTF's events.</summary>
/// <param name="Id">Its number; those of a device have no gap.</param>
/// <param name="Kind">What happened.</param>
/// <param name="Detail">More about it, in the event's own form.</param>
public sealed record SpdmEvent(uint Id, DmtfEvent Kind, ReadOnlyMemory<byte> Detail)
{
    /// <summary>Takes SEND_EVENT apart.</summary>
    /// <returns>False where it is malformed, or the numbers have a gap. Other bodies' events are left out.</returns>
    internal static bool TryReadAll(ReadOnlySpan<byte> message, out List<SpdmEvent> events)
    {
        events = [];
        SpdmReader reader = new(message);
        if (!SpdmSendEvent.TryRead(message, out SpdmSendEvent head) || head.EventCount == 0 || !reader.TrySkip(SpdmSendEvent.ByteSize)) return false;
        List<uint> ids = [];
        for (uint i = 0; i < head.EventCount; i++)
        {
            if (!SpdmEventHeader.TryRead(reader.Rest, out SpdmEventHeader found) || !reader.TrySkip(SpdmEventHeader.ByteSize + found.VendorLength)) return false;
            if (!reader.TryTakeUInt16(out ushort kind) || !reader.TryTakeCounted(out ReadOnlySpan<byte> detail)) return false;
            ids.Add(found.InstanceId);
            if (found.Registry == 0 && found.VendorLength == 0) events.Add(new SpdmEvent(found.InstanceId, (DmtfEvent)kind, detail.ToArray()));
        }

        ids.Sort();
        return reader.Rest.IsEmpty && ids[^1] - ids[0] == (uint)ids.Count - 1;
    }

    internal void Write(SpdmWriter message)
    {
        new SpdmEventHeader { InstanceId = Id }.Write(message.Take(SpdmEventHeader.ByteSize));
        message.WriteUInt16((int)Kind).WriteUInt16(Detail.Length).Write(Detail.Span);
    }
}
