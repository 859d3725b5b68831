using TeeIo.Pci.Spdm;

namespace TeeIo.Spdm.Tests.Hostile;

/// <summary>What must become of a life in which a packet comes at another place than its own, or one of another life.</summary>
internal sealed class OrderRules(Recording recording)
{
    /// <summary>Another packet comes in the place of a step's.</summary>
    /// <param name="place">The step.</param>
    /// <param name="isRequest">Whether requests are exchanged for each other, or responses.</param>
    /// <param name="other">The step whose packet it is.</param>
    /// <param name="isRecord">Whether that travelled in a record.</param>
    /// <param name="hasOtherVersion">Whether it is of a life in another version.</param>
    public Verdict Exchanged(int place, bool isRequest, Step other, bool isRecord, bool hasOtherVersion = false)
    {
        Step own = recording.Steps[place];
        Verdict stops = new(DeviceFailure.BadSpdm, own.Code);
        Verdict isForged = new(DeviceFailure.NotAuthentic, own.Code);
        if (place >= recording.FirstRecord)
        {
            if (!isRequest) return isForged with { HasSession = RecordFields.HasSession(recording, place, isRequest) };

            // A record that isn't the next one ends the session; a message in the clear doesn't touch it, but GET_VERSION begins anew.
            return isForged with { HasSession = !isRecord && place > recording.Finish && other.Code != SpdmMessage.GetVersion };
        }

        // Other versions on offer lead to another version; that this wasn't so shows at the challenge.
        if (hasOtherVersion && own.Code == SpdmMessage.GetVersion && other.Code == own.Code) return new(DeviceFailure.NotAuthentic, SpdmMessage.Challenge);
        if (isRecord || own.Code != other.Code || hasOtherVersion) return stops;
        return own.Code switch
        {
            SpdmMessage.GetCertificate => HasNext(own, other) ? isForged : stops,
            SpdmMessage.GetMeasurements when recording.Lane.Version >= SpdmConstants.Version13 => stops, // the context that comes back is another
            _ => isForged,
        };
    }

    /// <summary>A packet of an earlier step, or the step's own, reaches the responder once more before a step's request.</summary>
    public Verdict Repeated(int place, int earlier)
    {
        SpdmMessage own = recording.Steps[place].Code;
        SpdmMessage other = recording.Steps[earlier].Code;
        bool isInSession = place >= recording.FirstRecord;
        Verdict isLost = new(DeviceFailure.NotAuthentic, own);
        if (earlier >= recording.FirstRecord) return isLost;
        if (other == SpdmMessage.GetVersion && isInSession) return isLost;
        Verdict stops = new(DeviceFailure.BadSpdm, own);
        if (other == SpdmMessage.GetVersion) return place <= 1 ? Verdict.Unseen : stops;

        // What is settled can't be settled again, and there is one session at a time; whoever asks twice is refused, and nothing changes.
        if (other is SpdmMessage.GetCapabilities or SpdmMessage.NegotiateAlgorithms or SpdmMessage.KeyExchange) return place == earlier ? stops : Verdict.Unseen;

        // A challenge is about digests and certificates as often as they were asked for; digests begin that anew. After it they are no matter.
        Verdict isChallenged = new(DeviceFailure.NotAuthentic, SpdmMessage.Challenge);
        int challenge = recording.Steps.Index().First(step => step.Item.Code == SpdmMessage.Challenge).Index;
        if (place > challenge || other == SpdmMessage.GetMeasurements) return Verdict.Unseen;
        return other == SpdmMessage.GetDigests && place <= earlier + 1 ? Verdict.Unseen : isChallenged;
    }

    /// <summary>Whether the responder has what comes next, after a portion of the chain at another one's place.</summary>
    private bool HasNext(Step own, Step other)
    {
        int length = BitConverter.ToUInt16(other.Response, SpdmHeader.ByteSize);
        int remainder = BitConverter.ToUInt16(other.Response, SpdmHeader.ByteSize + sizeof(ushort));
        int next = BitConverter.ToUInt16(own.Request, SpdmHeader.ByteSize) + length;
        Step last = recording.Steps.Last(step => step.Code == SpdmMessage.GetCertificate);
        int whole = BitConverter.ToUInt16(last.Request, SpdmHeader.ByteSize) + BitConverter.ToUInt16(last.Response, SpdmHeader.ByteSize);
        return remainder == 0 || next < whole;
    }
}
