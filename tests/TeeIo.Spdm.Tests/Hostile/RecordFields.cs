using TeeIo.Pci.Spdm;

namespace TeeIo.Spdm.Tests.Hostile;

/// <summary>The parts of a record. Who isn't meant by it doesn't look at it; whatever else is another ends its receiver's session.</summary>
internal static class RecordFields
{
    /// <summary>Whether the responder has a session where what went wrong didn't reach it, or came after it had answered.</summary>
    public static bool HasSession(Recording recording, int number, bool isRequest) =>
        isRequest ? number > recording.Finish : number >= recording.Finish && recording.Steps[number].Code != SpdmMessage.EndSession;

    /// <summary>The parts, in their order.</summary>
    public static IReadOnlyList<Field> Of(Recording recording, int number, bool isRequest)
    {
        Step step = recording.Steps[number];
        byte[] packet = isRequest ? step.RequestPacket : step.ResponsePacket;
        bool hasSequence = recording.Lane.Binding.HasSequence;
        int header = recording.Lane.Binding.HeaderSize;
        int length = BitConverter.ToUInt16(packet, header + (hasSequence ? SpdmRecordSequenced.ByteSize : SpdmRecord.ByteSize) - sizeof(ushort));

        // The requester ends its session either way. The responder's lives on where it didn't see that the record was meant for it.
        Verdict isNobodys = new(DeviceFailure.NotAuthentic, step.Code, HasSession(recording, number, isRequest));
        Verdict isWrong = isRequest ? new(DeviceFailure.NotAuthentic, step.Code) : isNobodys;
        List<Field> fields = [new("session id", sizeof(uint), _ => isNobodys, isNobodys)];
        if (hasSequence) fields.Add(new("sequence", sizeof(ushort), _ => isWrong, isWrong));
        fields.Add(new("length", sizeof(ushort), _ => isWrong, isWrong));
        fields.Add(new("body", length - SpdmConstants.TagSize, _ => isWrong, isWrong));
        fields.Add(new("tag", SpdmConstants.TagSize, _ => isWrong, isWrong));
        return fields;
    }
}
